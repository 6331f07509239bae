import { Problem } from "../contract/problem.ts";
import type { Assets, Bucket, KeyValues, Store } from "./store.ts";

export const inBucket = (bucket: Bucket, binding = "INDEX"): Store => ({
  name: `the bucket bound as ${binding}`,
  async open(key, known) {
    const object = await bucket.get(key, known === undefined ? {} : { onlyIf: { etagDoesNotMatch: known } });
    if (!object) return undefined;
    return object.body ? { tag: object.etag, body: object.body } : "unchanged";
  },
});

/** KV has no tags and no conditional reads, and gives a value that is up to a minute old. */
export const inKeyValues = (values: KeyValues, binding = "INDEX_KV"): Store => ({
  name: `the namespace bound as ${binding}`,
  async open(key) {
    const body = await values.get(key, "stream");
    return body ? { tag: undefined, body } : undefined;
  },
});

export const inAssets = (assets: Assets): Store => ({
  name: "the assets",
  async open(key, known) {
    const headers: HeadersInit = known === undefined ? {} : { "if-none-match": known };
    const response = await assets.fetch(new Request(new URL(key, "https://assets.invalid/"), { headers }));
    if (response.ok && response.body) return { tag: response.headers.get("etag") ?? undefined, body: response.body };
    await response.body?.cancel();
    if (response.status === 304) return "unchanged";
    if (response.status === 404) return undefined;
    throw new Problem("index_unreadable", `the assets answered ${response.status} for "${key}"`);
  },
});
