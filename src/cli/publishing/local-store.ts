import { join } from "node:path";
import { explainedStore } from "./explained-store.ts";
import { type LockOptions, withLock } from "./file-lock.ts";
import { keyValueStore } from "./key-value-store.ts";
import { localBucket } from "./local-bucket.ts";
import { localNamespace } from "./local-namespace.ts";
import type { Project } from "./project.ts";
import type { Store } from "./store.ts";
import type { Target } from "./target.ts";
import { starting } from "./wrangler.ts";

/** Where `wrangler dev` keeps its state, in the folder of its configuration. */
const STATE = ".wrangler/state/v3";
const LOCK = ".wrangler/midx-publish.lock";

/** The bucket or namespace that `wrangler dev` in the project's folder serves from. */
export async function localStore(
  project: Project,
  target: Exclude<Target, { source: "assets" }>,
  options: LockOptions = {},
): Promise<Store> {
  const { configPath, folder, environment, wrangler } = project;
  if (target.isRemote) {
    throw new RangeError(`${configPath}: the binding has "remote = true", so wrangler dev has no local one: --remote`);
  }
  const { env, dispose } = await starting(folder, () =>
    wrangler.getPlatformProxy({
      configPath,
      ...(environment !== undefined && { environment }),
      envFiles: [],
      persist: { path: join(folder, STATE) },
      remoteBindings: false,
    }),
  );
  const alone = (store: Store): Store =>
    explainedStore(oneWriter(store, join(folder, LOCK), options), () => remedy(folder));
  if (target.source === "r2" && env.INDEX) return alone(localBucket(env.INDEX, target.bucket, dispose));
  if (target.source === "kv" && env.INDEX_KV) {
    return alone(keyValueStore(localNamespace(env.INDEX_KV, target.namespaceId, dispose)));
  }
  await dispose();
  throw new Error(`wrangler in ${folder} gave no binding for ${JSON.stringify(target.source)}`);
}

/**
 * `store`, in which one process at a time writes: each process has a workerd of its own over the same files, so what one
 * of them compares may change before it writes.
 */
const oneWriter = (store: Store, lock: string, options: LockOptions): Store => ({
  ...store,
  put: (key, bytes, condition) =>
    withLock(lock, options, (checkHeld) => {
      checkHeld();
      return store.put(key, bytes, condition);
    }),
});

const remedy = (folder: string): string =>
  `wrangler in ${folder} keeps this in ${STATE}: end other programs that use it and try again, ` +
  "or update it by npm install --save-dev wrangler (4.86 or later)";
