import { join } from "node:path";
import { explainedStore } from "./explained-store.ts";
import { type LockOptions, withLock } from "./file-lock.ts";
import { keyValueStore } from "./key-value-store.ts";
import { localBucket } from "./local-bucket.ts";
import { localNamespace } from "./local-namespace.ts";
import type { Project } from "./project.ts";
import { STATE, storageProxy } from "./storage-proxy.ts";
import type { Store } from "./store.ts";
import type { Target } from "./target.ts";
import { starting } from "./wrangler.ts";

const LOCK = ".wrangler/midx-publish.lock";

/** Opens the bucket or namespace from which `wrangler dev` serves in the project's folder. */
export async function localStore(
  project: Project,
  target: Exclude<Target, { source: "assets" }>,
  options: LockOptions = {},
): Promise<Store> {
  const { configPath, folder } = project;
  if (target.isRemote) {
    throw new RangeError(`${configPath}: the binding has "remote = true" and no local state: use --remote`);
  }
  const { env, dispose } = await starting(folder, () => storageProxy(project));
  const locked = (store: Store): Store =>
    explainedStore(oneWriter(store, join(folder, LOCK), options), () => remedy(folder));
  if (target.source === "r2" && env.INDEX) return locked(localBucket(env.INDEX, target.bucket, dispose));
  if (target.source === "kv" && env.INDEX_KV) {
    return locked(keyValueStore(localNamespace(env.INDEX_KV, target.namespaceId, dispose)));
  }
  await dispose();
  throw new Error(`wrangler in ${folder} provides no binding for ${JSON.stringify(target.source)}`);
}

/**
 * Wraps `store` so that only one process at a time writes. Each process has its own workerd over the same files, so a value
 * could otherwise change between comparison and write.
 */
const oneWriter = (store: Store, lock: string, options: LockOptions): Store => ({
  ...store,
  put: (key, bytes, condition) =>
    withLock(lock, options, (checkHeld) => {
      checkHeld();
      return store.put(key, bytes, condition);
    }),
  remove: (key) =>
    withLock(lock, options, (checkHeld) => {
      checkHeld();
      return store.remove(key);
    }),
});

const remedy = (folder: string): string =>
  `wrangler in ${folder} keeps its state in ${STATE}: end other programs that use it and try again, ` +
  "or update wrangler to 4.86 or later with npm install --save-dev wrangler";
