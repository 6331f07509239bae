import { fileURLToPath } from "node:url";
import { cloudflareTest } from "@cloudflare/vitest-plugin";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";
import { ClosingLine } from "./test/closing-line.ts";

/**
 * Suites directly in test/ run in Node and in workerd, except those that read files or are about Node, and statistics,
 * which need many draws: bits.test.ts holds both runtimes to the same bits.
 */
const NODE_ONLY = [
  ...["app", "next-word", "readme", "peers-table", "tables-docs", "format-document", "simd", "simd-modules"],
  ...[
    "ab-testing",
    "ab-testing-command",
    "ab-testing-inputs",
    "ab-testing-service",
    "auto-scan",
    "certified",
    "conditions",
    "coverage",
    "divergence-bounds",
    "exact-sample",
    "overconfidence",
    "statistics",
  ],
].map((name) => `test/${name}.test.ts`);

/** Milliseconds: the slowest suites flip every bit of a file, on machines slower than yours. */
const TIMEOUT = 60_000;
/** The same of a runtime that starts, beside suites that keep all cores busy, and runs a program. */
const RUNTIME_TIMEOUT = 120_000;

/**
 * `x.wasm?bytes` is the bytes, as in the bundles. They are read when the test runs: the key of Vitest's module cache takes
 * files as text, so a rebuilt .wasm can have the key of the old one.
 */
const wasmBytes: Plugin = {
  name: "wasm-bytes",
  enforce: "pre",
  load(id) {
    if (!id.endsWith(".wasm?bytes")) return null;
    const path = JSON.stringify(id.slice(0, -"?bytes".length));
    return `import { readFileSync } from "node:fs";\nexport default new Uint8Array(readFileSync(${path}));`;
  },
};

/** `x.wasm` is the compiled module, in Node as it is in Workers. */
const wasmModule: Plugin = {
  name: "wasm-module",
  enforce: "pre",
  load(id) {
    if (!id.endsWith(".wasm")) return null;
    return `import bytes from ${JSON.stringify(`${id}?bytes`)};\nexport default await WebAssembly.compile(bytes);`;
  },
};

const source = (path: string): string => fileURLToPath(new URL(`./src/${path}`, import.meta.url));

export default defineConfig({
  test: {
    reporters: ["default", new ClosingLine()],
    // All cores: most suites are busy all the time, and Vitest would leave one core idle.
    maxWorkers: "100%",
    projects: [
      {
        plugins: [wasmBytes, wasmModule],
        // For examples, which import the package by its name.
        resolve: {
          alias: [
            { find: /^midx$/, replacement: source("index.ts") },
            { find: /^midx\/train$/, replacement: source("train/index.ts") },
          ],
        },
        test: {
          name: "node",
          testTimeout: TIMEOUT,
          include: ["test/**/*.test.ts"],
          exclude: ["test/worker/**", "test/runtime/**"],
        },
      },
      {
        // The packed package in every runtime. Its programs import `midx` by name: nothing here does.
        test: {
          name: "runtime",
          testTimeout: RUNTIME_TIMEOUT,
          hookTimeout: RUNTIME_TIMEOUT,
          include: ["test/runtime/*.test.ts"],
          globalSetup: "./test/runtime/install.ts",
        },
      },
      {
        plugins: [
          wasmBytes, // for the global setup, which runs in Node
          cloudflareTest({
            wrangler: { configPath: "./wrangler.toml" },
            miniflare: { cf: false, assets: { directory: "./build/test-assets", binding: "ASSETS" } },
          }),
        ],
        resolve: {
          // What package.json's exports say for workerd, at its root: src/index.ts loads by src/load-imported.ts there.
          alias: [{ find: /^(.*\/)load-inlined\.ts$/, replacement: "$1load-imported.ts" }],
        },
        test: {
          name: "workers",
          testTimeout: TIMEOUT,
          include: ["test/*.test.ts", "test/worker/**/*.test.ts"],
          exclude: NODE_ONLY,
          globalSetup: "./test/worker-assets.ts",
        },
      },
    ],
  },
});
