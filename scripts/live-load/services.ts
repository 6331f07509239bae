import { createHash } from "node:crypto";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { bundleWorker, COMPATIBILITY_DATE } from "../../bench/service/bundle.ts";
import type { Put } from "./versions.ts";

/** A service that takes changes, and the store that it reads its versions from. */
export interface LiveService {
  readonly url: string;
  readonly writeToken: string;
  /** The key of the pointer. */
  readonly key: string;
  readonly put: Put;
  /** The keys of the store. */
  keys(): Promise<string[]>;
  stop(): Promise<void>;
}

const KEY = "words/current.json";
const WRITE_TOKEN = "write-token-of-the-load";

/** Starts midx/live in workerd, with its log in a Durable Object or in segments in the bucket. */
export async function startLive(log: "object" | "segments"): Promise<LiveService> {
  const worker = await startMiniflare(log);
  const { origin } = await worker.ready;
  const bucket = await worker.getR2Bucket("INDEX");
  return {
    ...{ url: origin, writeToken: WRITE_TOKEN, key: KEY },
    put: (key, value) => bucket.put(key, value),
    keys: async () => (await bucket.list()).objects.map(({ key }) => key),
    stop: () => worker.dispose(),
  };
}

/** Starts the Worker of midx/live with a bucket in Miniflare. */
export async function startMiniflare(log: "object" | "segments"): Promise<Miniflare> {
  const { script, wasm } = await bundleWorker("worker/live.ts");
  return new Miniflare(
    convertV4MiniflareOptions({
      host: "127.0.0.1",
      port: 0,
      cf: false,
      compatibilityDate: COMPATIBILITY_DATE,
      modules: [
        { type: "ESModule", path: "worker.js", contents: script },
        ...Array.from(wasm, ([path, contents]) => ({ type: "CompiledWasm", path, contents }) as const),
      ],
      bindings: {
        ...{ INDEX_SOURCE: "r2", INDEX_KEY: KEY, REFRESH_SECONDS: "1", DELTA_SECONDS: "1" },
        WRITE_TOKENS: createHash("sha256").update(WRITE_TOKEN).digest("hex"),
        ...(log === "segments" && { LOG: "segments" }),
      },
      r2Buckets: ["INDEX"],
      ...(log === "object" && { durableObjects: { LOG: { className: "IndexLog", useSQLite: true } } }),
    }),
  );
}
