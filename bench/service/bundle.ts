import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { importedWasm } from "../../scripts/bundle/imported-wasm.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

export const COMPATIBILITY_DATE =
  /compatibility_date = "(.+)"/.exec(readFileSync(`${root}wrangler.toml`, "utf8"))?.[1] ?? "";

/** A Worker as it is deployed. */
export interface Bundle {
  readonly script: string;
  /** The modules that it imports, by name. */
  readonly wasm: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
}

export async function bundleWorker(entry: string): Promise<Bundle> {
  const { outputFiles } = await build({
    entryPoints: [`${root}${entry}`],
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    write: false,
    external: ["cloudflare:workers"],
    plugins: [importedWasm],
  });
  const script = outputFiles[0]?.text ?? "";
  const names = [...new Set(script.match(/[\w-]+\.wasm/g))];
  return { script, wasm: new Map(names.map((name) => [name, readFileSync(`${root}build/${name}`)])) };
}
