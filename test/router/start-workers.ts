import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { bundleWorker, COMPATIBILITY_DATE } from "../../bench/service/bundle.ts";
import { serialiseManifest } from "../../src/publication/manifest.ts";
import type { PartedFiles } from "./parted-files.ts";
import { KEY } from "./workers/env.ts";

/** Workers in workerd, as Miniflare runs them, with one bucket. */
export interface RunningWorkers {
  readonly url: string;
  publish(files: Pick<PartedFiles, "manifest" | "files">): Promise<void>;
  stop(): Promise<void>;
}

/** A script with its modules, and the bucket. */
async function scriptOf(entry: string) {
  const { script, wasm } = await bundleWorker(`test/router/workers/${entry}.ts`);
  return {
    compatibilityDate: COMPATIBILITY_DATE,
    modules: [
      { type: "ESModule" as const, path: "worker.js", contents: script },
      ...Array.from(wasm, ([path, contents]) => ({ type: "CompiledWasm" as const, path, contents })),
    ],
    r2Buckets: { INDEX: "index" },
  };
}

/** A router whose parts are Durable Objects. */
export async function startObjects(
  entry: "objects" | "sequence-objects" | "live-objects" = "objects",
): Promise<RunningWorkers> {
  const log = { LOG: { className: "IndexLog", useSQLite: true } };
  const durableObjects = { PARTS: "PartObject", ...(entry === "live-objects" && log) };
  return start([{ name: "router", ...(await scriptOf(entry)), durableObjects }]);
}

/** A router whose parts are Workers behind service bindings. */
export async function startBound(numbers: readonly number[]): Promise<RunningWorkers> {
  const part = await scriptOf("one-part");
  const parts = numbers.map((number) => ({ name: `part-${number}`, ...part, bindings: { NUMBER: String(number) } }));
  const serviceBindings = Object.fromEntries(numbers.map((number) => [`PART_${number}`, `part-${number}`]));
  return start([{ name: "router", ...(await scriptOf("bound-router")), serviceBindings }, ...parts]);
}

/** A router with a log in its bucket over three parts: Workers behind service bindings, two of them below another router. */
export async function startLiveBound(): Promise<RunningWorkers> {
  const part = await scriptOf("live-part");
  const parts = [0, 1, 2].map((number) => ({ name: `part-${number}`, ...part, bindings: { NUMBER: String(number) } }));
  const below = await scriptOf("passing-router");
  const router = await scriptOf("live-bound-router");
  return start([
    { name: "router", ...router, serviceBindings: { PART_0: "below", PART_2: "part-2" } },
    { name: "below", ...below, serviceBindings: { PART_0: "part-0", PART_1: "part-1" } },
    ...parts,
  ]);
}

async function start(workers: readonly object[]): Promise<RunningWorkers> {
  const options = { host: "127.0.0.1", port: 0, cf: false, workers };
  const running = new Miniflare(convertV4MiniflareOptions(options as Parameters<typeof convertV4MiniflareOptions>[0]));
  const { origin } = await running.ready;
  const bucket = await running.getR2Bucket("INDEX", "router");
  return {
    url: origin,
    async publish({ manifest, files }) {
      for (const [i, { file }] of manifest.parts.entries()) await bucket.put(`words/${file}`, files[i] as Uint8Array);
      await bucket.put(`words/versions/${manifest.version}.json`, serialiseManifest(manifest));
      await bucket.put(KEY, serialiseManifest(manifest));
    },
    stop: () => running.dispose(),
  };
}
