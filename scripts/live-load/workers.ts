import { createHash } from "node:crypto";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { bundleWorker, COMPATIBILITY_DATE } from "../../bench/service/bundle.ts";
import type { LogNamespace } from "../../worker/live/log-in-object.ts";

/** The place of a log: a Durable Object, or segments in the bucket. */
export type LogKind = "object" | "segments";

/** The key of the pointer. */
export const KEY = "words/current.json";
export const WRITE_TOKEN = "write-token-of-the-load";

/**
 * Starts the Worker of midx/live with a bucket in Miniflare, and `others` beside it. Bucket and objects are kept in a folder, by default
 * one that is removed at the end.
 */
export async function startMiniflare(
  kind: LogKind,
  others: readonly WorkerOptions[] = [],
  folder?: string,
): Promise<Miniflare> {
  const workers = [await workerOf("live", "worker/live.ts", kind), ...others];
  return new Miniflare({
    ...convertV4MiniflareOptions({ host: "127.0.0.1", port: 0, cf: false, workers }),
    ...(folder !== undefined && { resourcePersistencePath: folder }),
  });
}

/** The Durable Objects of a Miniflare, as the Worker has them. */
export async function objectsOf(worker: Miniflare): Promise<LogNamespace> {
  const namespace = await worker.getDurableObjectNamespace("LOG", "live");
  return {
    idFromName: (name) => namespace.idFromName(name),
    get: (id) => ({
      // Miniflare takes requests of its own class.
      async fetch(request) {
        const body = request.method === "POST" ? await request.arrayBuffer() : null;
        const response = await namespace.get(id as never).fetch(request.url, { method: request.method, body });
        return response as unknown as Response;
      },
    }),
  };
}

type WorkerOptions = Extract<
  Parameters<typeof convertV4MiniflareOptions>[0],
  { readonly workers: unknown }
>["workers"][number];

/** Describes a Worker with the bindings and variables of midx/live and of midx/compactor. */
export async function workerOf(
  name: "live" | "reader" | "compactor",
  entry: string,
  kind: LogKind,
  vars: Readonly<Record<string, string>> = {},
): Promise<WorkerOptions> {
  const { script, wasm } = await bundleWorker(entry);
  const className = "IndexLog";
  return {
    name,
    compatibilityDate: COMPATIBILITY_DATE,
    modules: [
      { type: "ESModule", path: "worker.js", contents: script },
      ...Array.from(wasm, ([path, contents]) => ({ type: "CompiledWasm", path, contents }) as const),
    ],
    bindings: {
      INDEX_SOURCE: "r2",
      INDEX_KEY: KEY,
      REFRESH_SECONDS: "1",
      DELTA_SECONDS: "1",
      WRITE_TOKENS: createHash("sha256").update(WRITE_TOKEN).digest("hex"),
      ...(kind === "segments" && { LOG: "segments" }),
      ...vars,
    },
    r2Buckets: { INDEX: "index" },
    ...(kind === "object" && {
      durableObjects: {
        LOG: name === "live" ? { className, useSQLite: true } : { className, scriptName: "live", useSQLite: true },
      },
    }),
    ...(name === "reader" && { unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }] }),
  };
}
