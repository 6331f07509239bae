import { cloudflareTest } from "@cloudflare/vitest-plugin";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";
import { ClosingLine } from "./test/closing-line.ts";

/** Suites that run in workerd as well as in Node: what the library promises holds in both. */
const EVERYWHERE = ["random", "checksum", "exp", "log"].map((name) => `test/${name}.test.ts`);

/** In Node, what a bundle gives: `x.wasm` is the compiled module, as in Workers, and `x.wasm?bytes` its bytes. */
const wasm: Plugin = {
  name: "wasm",
  enforce: "pre",
  load(id) {
    const [path, query] = id.split("?");
    if (!path?.endsWith(".wasm")) return null;
    const bytes = `new Uint8Array(readFileSync(${JSON.stringify(path)}))`;
    const value = query === "bytes" ? bytes : `await WebAssembly.compile(${bytes})`;
    return `import { readFileSync } from "node:fs";\nexport default ${value};`;
  },
};

export default defineConfig({
  test: {
    reporters: ["default", new ClosingLine()],
    projects: [
      {
        plugins: [wasm],
        test: { name: "node", include: ["test/**/*.test.ts"], exclude: ["test/worker/**"] },
      },
      {
        plugins: [cloudflareTest({ wrangler: { configPath: "./wrangler.toml" }, miniflare: { cf: false } })],
        test: { name: "workers", include: [...EVERYWHERE, "test/worker/**/*.test.ts"] },
      },
    ],
  },
});
