// Bundles the demo page into dist/page/, with the library and its kernels in its script. scripts/bundle.ts calls it. It needs
// the kernels (npm run build:kernels).
import { cpSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type BuildResult, build } from "esbuild";
import { inlinedWasm } from "./inlined-wasm.ts";
import { LINE_LIMIT } from "./line-limit.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

const page = {
  absWorkingDir: root,
  bundle: true,
  charset: "utf8",
  format: "esm",
  target: "es2022",
  minify: true,
  lineLimit: LINE_LIMIT,
  platform: "browser",
  logLevel: "warning",
} as const;

/** Writes index.html, page.css and page.js into a folder. The result has the metafile for the third-party notices. */
export async function bundlePage(folder: string): Promise<BuildResult<{ metafile: true }>> {
  const bundle = await build({
    ...page,
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

/** Writes index.html, shop.css and shop.js, the page of the shop, into a folder. */
export async function bundleShopPage(folder: string): Promise<void> {
  await build({
    ...page,
    entryPoints: [
      { in: "page/shop/main.ts", out: "shop" },
      { in: "page/shop/shop.css", out: "shop" },
    ],
    outdir: folder,
  });
  cpSync(`${root}page/shop/index.html`, `${folder}/index.html`);
}
