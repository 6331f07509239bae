import { Problem } from "../contract/problem.ts";
import { assetRequest } from "./asset-request.ts";
import type { Assets, Bucket, KeyValues, Store } from "./store.ts";

/** Makes a store of a binding, which wrangler.toml may lack. */
function boundStore<Binding>(binding: Binding | undefined, name: string, open: Store["open"]): Store {
  if (binding) return { name, open };
  throw new Problem("misconfigured", `${name} expected a binding in wrangler.toml, got none`);
}

/**
 * The store of an R2 bucket.
 *
 * @function
 * @param bucket the binding of the bucket
 * @param binding the name of the binding in error messages, "INDEX" by default
 * @returns a store, to give to `publishedAt`
 *
 * @example
 * export default createHandler((env: Env) => publishedAt(inBucket(env.WORDS, "WORDS"), "words/current.json"));
 */
export const inBucket = (bucket: Bucket, binding = "INDEX"): Store =>
  boundStore(bucket, `the bucket bound as ${binding}`, async (key, known) => {
    const object = await bucket.get(key, known === undefined ? {} : { onlyIf: { etagDoesNotMatch: known } });
    if (!object) return undefined;
    return object.body ? { tag: object.etag, body: object.body } : "unchanged";
  });

/**
 * The store of a KV namespace. KV has neither tags nor conditional reads, and its values are up to a minute old.
 *
 * @function
 * @param values the binding of the namespace
 * @param binding the name of the binding in error messages, "INDEX_KV" by default
 * @returns a store, to give to `publishedAt`
 *
 * @example
 * export default createHandler((env: Env) => publishedAt(inKeyValues(env.INDEX_KV), "words/current.json"));
 */
export const inKeyValues = (values: KeyValues, binding = "INDEX_KV"): Store =>
  boundStore(values, `the namespace bound as ${binding}`, async (key) => {
    const body = await values.get(key, "stream");
    return body ? { tag: undefined, body } : undefined;
  });

/**
 * The store of a Worker's static assets.
 *
 * @function
 * @param assets the binding of the assets
 * @returns a store, to give to `publishedAt`
 *
 * @example
 * export default createHandler((env: Env) => publishedAt(inAssets(env.ASSETS), "words.midx"));
 */
export const inAssets = (assets: Assets): Store =>
  boundStore(assets, "the assets", async (key, known) => {
    const headers: HeadersInit = known === undefined ? {} : { "if-none-match": known };
    const path = key.split("/").map(encodeURIComponent).join("/");
    const response = await assets.fetch(assetRequest(path, headers));
    if (response.ok && response.body) return { tag: response.headers.get("etag") ?? undefined, body: response.body };
    await response.body?.cancel();
    if (response.status === 304) return "unchanged";
    if (response.status === 404) return undefined;
    throw new Problem("index_unreadable", `the assets answered ${response.status} for "${key}"`);
  });
