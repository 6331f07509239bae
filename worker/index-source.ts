import type { MultiIndex } from "../src/multi-index.ts";
import { load } from "../src/workerd.ts";
import { INDEX_LIMITS } from "./limits.ts";
import { Problem } from "./problem.ts";

const DEFAULT_KEY = "index.midx";

/** Opens the file that the variables name and streams it into a new index. */
export async function loadIndex(env: WorkerEnv): Promise<MultiIndex> {
  const key = env.INDEX_KEY ?? DEFAULT_KEY;
  const file = await openFile(env, key);
  return load(file, INDEX_LIMITS);
}

function openFile(env: WorkerEnv, key: string): Promise<ReadableStream<Uint8Array>> {
  const source = env.INDEX_SOURCE ?? "assets";
  if (source === "assets") return openAsset(env.ASSETS, key);
  if (source === "r2") return openObject(env.INDEX, key);
  throw new Problem("misconfigured", `"INDEX_SOURCE" expected "assets" or "r2", got "${source}"`);
}

async function openAsset(assets: Fetcher | undefined, key: string): Promise<ReadableStream<Uint8Array>> {
  if (!assets) throw new Problem("misconfigured", "there is no binding ASSETS: wrangler.toml needs [assets]");
  const response = await assets.fetch(new URL(key, "https://assets.invalid/"));
  if (response.ok && response.body) return response.body;
  await response.body?.cancel();
  if (response.status === 404) throw new Problem("index_missing", `the assets have no "${key}"`);
  throw new Problem("index_unreadable", `the assets answered ${response.status} for "${key}"`);
}

async function openObject(bucket: R2Bucket | undefined, key: string): Promise<ReadableStream<Uint8Array>> {
  if (!bucket) throw new Problem("misconfigured", "there is no binding INDEX: wrangler.toml needs [[r2_buckets]]");
  const object = await bucket.get(key);
  if (!object) throw new Problem("index_missing", `the bucket bound as INDEX has no "${key}"`);
  return object.body;
}
