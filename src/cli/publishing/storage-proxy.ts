import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Project } from "./project.ts";
import type { PlatformProxy } from "./wrangler.ts";

/** The folder of the state of `wrangler dev`, below the folder of its configuration. */
export const STATE = ".wrangler/state/v3";

/**
 * Opens the local storage of the bindings from which a Worker reads an index. wrangler gets a configuration of these alone:
 * workerd warns of Durable Objects, since no Worker runs here that has their classes, and may refuse them one day.
 */
export async function storageProxy({ folder, config, wrangler }: Project): Promise<PlatformProxy> {
  const scratch = await mkdtemp(join(tmpdir(), "midx-wrangler-"));
  try {
    const configPath = join(scratch, "wrangler.json");
    const storage = {
      r2_buckets: config.r2_buckets.filter(({ binding }) => binding === "INDEX"),
      kv_namespaces: config.kv_namespaces.filter(({ binding }) => binding === "INDEX_KV"),
    };
    await writeFile(configPath, JSON.stringify({ name: "storage", compatibility_date: "2026-04-01", ...storage }));
    const persist = { path: join(folder, STATE) };
    return await wrangler.getPlatformProxy({ configPath, envFiles: [], persist, remoteBindings: false });
  } finally {
    await rm(scratch, { recursive: true });
  }
}
