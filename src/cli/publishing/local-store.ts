import { join } from "node:path";
import { keyValueStore } from "./key-value-store.ts";
import { localBucket } from "./local-bucket.ts";
import { localNamespace } from "./local-namespace.ts";
import type { Project } from "./project.ts";
import type { Store } from "./store.ts";
import type { Target } from "./target.ts";
import { starting } from "./wrangler.ts";

/** Where `wrangler dev` keeps its state, in the folder of its configuration. */
const STATE = ".wrangler/state/v3";

/** The bucket or namespace that `wrangler dev` in the project's folder serves from. */
export async function localStore(project: Project, target: Exclude<Target, { source: "assets" }>): Promise<Store> {
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
  if (target.source === "r2" && env.INDEX) return localBucket(env.INDEX, target.bucket, dispose);
  if (target.source === "kv" && env.INDEX_KV) {
    return keyValueStore(localNamespace(env.INDEX_KV, target.namespaceId, dispose));
  }
  await dispose();
  throw new Error(`wrangler in ${folder} gave no binding for ${JSON.stringify(target.source)}`);
}
