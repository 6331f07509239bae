// dist/page/: the page that shows an index at work, with the library and its kernels in its script. Called by
// scripts/bundle.ts; the kernels come first (npm run build:kernels).
import { cpSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type BuildResult, build } from "esbuild";
import { inlinedWasm } from "./inlined-wasm.ts";
import { LINE_LIMIT } from "./line-limit.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Writes index.html, page.css and page.js into a folder; with the metafile, for the notices. */
export async function bundlePage(folder: string): Promise<BuildResult<{ metafile: true }>> {
  const bundle = await build({
    absWorkingDir: root,
    bundle: true,
    charset: "utf8",
    format: "esm",
    target: "es2022",
    minify: true,
    lineLimit: LINE_LIMIT,
    platform: "browser",
    logLevel: "warning",
    metafile: true,
    entryPoints: [
      { in: "page/main.ts", out: "page" },
      { in: "page/page.css", out: "page" },
    ],
    outdir: folder,
    plugins: [inlinedWasm],
  });
  cpSync(`${root}page/index.html`, `${folder}/index.html`);
  return bundle;
}
