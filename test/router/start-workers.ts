import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { bundleWorker, COMPATIBILITY_DATE } from "../../bench/service/bundle.ts";
import { serialiseManifest } from "../../src/publication/manifest.ts";
import type { PartedFiles } from "./parted-files.ts";
import { KEY } from "./workers/env.ts";

/** Workers in workerd, as Miniflare runs them, with one bucket. */
export interface RunningWorkers {
  readonly url: string;
  /** The address of another isolate of the router with the same parts and the same log, where there is one. */
  readonly readerUrl?: string;
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
  entry: "objects" | "called-objects" | "sequence-objects" | "live-objects" = "objects",
): Promise<RunningWorkers> {
  return start([{ name: "router", ...(await scriptOf(entry)), durableObjects: objectsOf(entry === "live-objects") }]);
}

/** A router whose parts and log are Durable Objects, and another isolate that follows the same log over the same parts. */
export async function startWithReader(): Promise<RunningWorkers> {
  const script = await scriptOf("live-objects");
  const direct = { unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }] };
  return start([
    { name: "router", ...script, durableObjects: objectsOf(true) },
    { name: "reader", ...script, ...direct, durableObjects: objectsOf(true, { scriptName: "router" }) },
  ]);
}

const objectsOf = (hasLog: boolean, script: { readonly scriptName?: string } = {}) => ({
  PARTS: { className: "PartObject", ...script },
  ...(hasLog && { LOG: { className: "IndexLog", useSQLite: true, ...script } }),
});

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
  const hasReader = workers.some((worker) => "unsafeDirectSockets" in worker);
  return {
    url: origin,
    ...(hasReader && { readerUrl: (await running.unsafeGetDirectURL("reader")).origin }),
    async publish({ manifest, files }) {
      for (const [i, { file }] of manifest.parts.entries()) await bucket.put(`words/${file}`, files[i] as Uint8Array);
      await bucket.put(`words/versions/${manifest.version}.json`, serialiseManifest(manifest));
      await bucket.put(KEY, serialiseManifest(manifest));
    },
    stop: () => running.dispose(),
  };
}
