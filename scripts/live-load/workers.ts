import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { bundleWorker, COMPATIBILITY_DATE } from "../../bench/service/bundle.ts";
import type { LogNamespace } from "../../worker/live/log-in-object.ts";
import { KEY, SECONDS_BETWEEN_LOOKS, WRITE_TOKEN_DIGEST } from "./names.ts";

/** The place of a log: a Durable Object, or segments in the bucket. */
export type LogKind = "object" | "segments";

/** The programs of Workers: one that serves an index, one that serves a manifest of parts, and a compactor of either. */
const ENTRIES = { file: "worker/live.ts", parts: "scripts/live-load/router.ts", compactor: "worker/compactor.ts" };

/**
 * Starts Workers with a bucket in Miniflare, of which "live" has the objects. Bucket and objects are kept in a folder, by default one
 * that is removed at the end.
 */
export async function startMiniflare(workers: readonly Promise<WorkerOptions>[], folder?: string): Promise<Miniflare> {
  const started = await Promise.all(workers);
  return new Miniflare({
    ...convertV4MiniflareOptions({ host: "127.0.0.1", port: 0, cf: false, workers: started }),
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
  entry: keyof typeof ENTRIES,
  kind: LogKind,
  vars: Readonly<Record<string, string>> = {},
): Promise<WorkerOptions> {
  const { script, wasm } = await bundleWorker(ENTRIES[entry]);
  const ofLive = (className: string) => ({
    className,
    useSQLite: true,
    ...(name !== "live" && { scriptName: "live" }),
  });
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
      REFRESH_SECONDS: String(SECONDS_BETWEEN_LOOKS),
      DELTA_SECONDS: String(SECONDS_BETWEEN_LOOKS),
      WRITE_TOKENS: WRITE_TOKEN_DIGEST,
      ...(kind === "segments" && { LOG: "segments" }),
      ...vars,
    },
    r2Buckets: { INDEX: "index" },
    durableObjects: {
      ...(kind === "object" && { LOG: ofLive("IndexLog") }),
      ...(entry === "parts" && { PARTS: ofLive("PartObject") }),
    },
    ...(name === "reader" && { unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }] }),
  };
}
