import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "esbuild";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";

/** A Worker in a workerd of its own, on a free port of this machine. */
export interface RunningWorker {
  readonly url: string;
  readonly bucket: { put(key: string, value: Uint8Array | string): Promise<unknown> };
  stop(): Promise<void>;
}

const root = fileURLToPath(new URL("../..", import.meta.url));
const COMPATIBILITY_DATE = /compatibility_date = "(.+)"/.exec(readFileSync(`${root}wrangler.toml`, "utf8"))?.[1] ?? "";

/** `x.wasm` stays an import of a module beside the script. */
const importedWasm: Plugin = {
  name: "imported-wasm",
  setup({ onResolve }) {
    onResolve({ filter: /\.wasm$/ }, ({ path }) => ({ path: `./${basename(path)}`, external: true }));
  },
};

/**
 * workerd as `wrangler dev` starts it, without the proxy in front that reloads code: a bundle of `entry` with a bucket
 * bound as INDEX, in memory, and these variables.
 */
export async function startWorker(entry: string, vars: Readonly<Record<string, string>>): Promise<RunningWorker> {
  const { outputFiles } = await build({
    entryPoints: [`${root}${entry}`],
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    write: false,
    plugins: [importedWasm],
  });
  const script = outputFiles[0]?.text ?? "";
  const wasm = [...new Set(script.match(/[\w-]+\.wasm/g))];
  const worker = new Miniflare(
    convertV4MiniflareOptions({
      host: "127.0.0.1",
      port: 0,
      cf: false,
      compatibilityDate: COMPATIBILITY_DATE,
      modules: [
        { type: "ESModule", path: "worker.js", contents: script },
        ...wasm.map(
          (name) => ({ type: "CompiledWasm", path: name, contents: readFileSync(`${root}build/${name}`) }) as const,
        ),
      ],
      bindings: { ...vars },
      r2Buckets: ["INDEX"],
    }),
  );
  const url = await worker.ready;
  return { url: url.origin, bucket: await worker.getR2Bucket("INDEX"), stop: () => worker.dispose() };
}
