import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { bundleWorker, COMPATIBILITY_DATE } from "./bundle.ts";

/** A Worker in its own workerd, on a free port of this machine. */
export interface RunningWorker {
  readonly url: string;
  readonly bucket: { put(key: string, value: Uint8Array | string): Promise<unknown> };
  stop(): Promise<void>;
}

/**
 * Starts workerd as `wrangler dev` does, behind the Worker that Miniflare puts in front of each Worker, but without the
 * proxy that reloads code. A bucket in memory is bound as INDEX, and so are these variables.
 */
export async function startWorker(entry: string, vars: Readonly<Record<string, string>>): Promise<RunningWorker> {
  const { script, wasm } = await bundleWorker(entry);
  const worker = new Miniflare(
    convertV4MiniflareOptions({
      host: "127.0.0.1",
      port: 0,
      cf: false,
      compatibilityDate: COMPATIBILITY_DATE,
      modules: [
        { type: "ESModule", path: "worker.js", contents: script },
        ...Array.from(wasm, ([path, contents]) => ({ type: "CompiledWasm", path, contents }) as const),
      ],
      bindings: { ...vars },
      r2Buckets: ["INDEX"],
    }),
  );
  const url = await worker.ready;
  return { url: url.origin, bucket: await worker.getR2Bucket("INDEX"), stop: () => worker.dispose() };
}
