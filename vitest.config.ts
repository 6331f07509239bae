import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { cloudflareTest } from "@cloudflare/vitest-plugin";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";
import { ClosingLine } from "./test/closing-line.ts";
import { LongestFirst } from "./test/longest-first.ts";

/**
 * The suites directly in test/ that run in workerd as well as in Node: those of the library's interface. bits.test.ts holds
 * both runtimes to the same bits, so the suites of single kernels run in Node alone, but for `npm run test:cases`.
 */
const IN_WORKERD = [
  ...[
    "bits",
    "check",
    "checksum",
    "client",
    "encoder-bits",
    "feature-bags",
    "float16",
    "labels",
    "load",
    "modules",
    "multi-index",
  ],
  ...["pointer", "query", "simd-option", "stored-rows", "wire"],
].map((name) => `test/${name}.test.ts`);

/** Suites that never run in workerd: they read files or the bytes of kernels, are about Node, or need many draws. */
const NODE_ONLY = [
  ...[
    "api-reference",
    "app",
    "next-word",
    "readme",
    "peers-table",
    "tables-docs",
    "format-document",
    "precompiled-modules",
    "simd",
    "simd-modules",
    "lazy-weights",
    "recall-effort",
    "wide-tail",
  ],
  ...[
    "ab-testing",
    "ab-testing-command",
    "ab-testing-inputs",
    "ab-testing-service",
    "allowance-bars",
    "auto-scan",
    "batch-answers",
    "call-sequences",
    "certified",
    "conditions",
    "coverage",
    "decode-draws",
    "decode-heads",
    "divergence-bounds",
    "exact-sample",
    "hostile-arguments",
    "many-draws",
    "messages",
    "overconfidence",
    "statistics",
  ],
  ...[
    "allowed-head",
    "columns",
    "columns-arguments",
    "columns-file",
    "columns-of-changes",
    "diversity",
    "forgotten-index",
  ],
  ...["mixture", "slate", "split-metadata", "values-of-changes", "weight-tables"],
].map((name) => `test/${name}.test.ts`);

/**
 * Suites that start many processes, fill disks, measure memory or use programs of others: `npm run test:processes`. `npm test`
 * has a smaller form of each promise, and would take two minutes longer with them.
 */
const PROCESSES = [
  ...[
    "compact-killed",
    "failing-writes",
    "killed-builds",
    "max-memory",
    "measured-on-disk",
    "publish-installed",
    "publish-killed",
    "publish-local",
    "queue/bucket-queue",
    "queue/over-valkey",
    "recall-on-disk",
    "remote/moto",
    "runtimes",
    "threads-command",
  ].map((name) => `test/cli/${name}.test.ts`),
  ...["examples/gnu-parallel", "examples/slurm", "page/writing", "router/processes", "scripts/build-kernels"].map(
    (name) => `test/${name}.test.ts`,
  ),
  ...["killed-writers", "log-in-moto", "serve-log-runtimes", "serve-parts"].map((name) => `test/live/${name}.test.ts`),
];
/** Those of them that run the packed package. */
const RUNTIME_PROCESSES = ["checkout", "examples", "threads", "vectorize"].map(
  (name) => `test/runtime/${name}.test.ts`,
);
const ONLY_PROCESSES = process.env.MIDX_PROCESSES === "only";

/** `npm run test:cases`. */
const WHOLE_IN_WORKERD = process.env.MIDX_CASES === "every";

/**
 * Milliseconds that a test or a hook may take. None takes more than ten seconds on a quiet machine: this only ends what
 * hangs, on machines that are many times slower or busier. The long suites run one test for up to an hour.
 */
const LONG = process.env.MIDX_HOSTILE === "whole" || process.env.MIDX_STATISTICS === "large";
const TIMEOUT = LONG ? 3 * 3_600_000 : 900_000;
const patient = { testTimeout: TIMEOUT, hookTimeout: TIMEOUT };

/** `x.wasm?bytes` is the bytes, as in the bundles and in test/native-modules.ts. */
const wasmBytes: Plugin = {
  name: "wasm-bytes",
  enforce: "pre",
  load(id) {
    if (!id.endsWith(".wasm?bytes")) return null;
    const path = JSON.stringify(id.slice(0, -"?bytes".length));
    return `import { readFileSync } from "node:fs";\nexport default new Uint8Array(readFileSync(${path}));`;
  },
};

// Suites start many processes of Node. Each starts in a third less time if it finds what another one has compiled.
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL("build/compiled", import.meta.url));

/** Node runs the sources as they are. Vite would transform each module, and each process would ask it for all of them. */
const NATIVE = new URL("test/native-modules.ts", import.meta.url).href;
const native = { viteModuleRunner: false };

export default defineConfig({
  test: {
    reporters: ["default", new ClosingLine()],
    // More than there are cores: many suites wait for what they start, or for time to pass. Each process compiles for itself
    // what its suites import, so that a fourth one on two cores takes a twentieth more of their time and ends no sooner.
    maxWorkers: availableParallelism() + 1,
    teardownTimeout: TIMEOUT,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: "node",
          ...patient,
          // A process runs many suites, which saves each the start and the transformed modules. No suite may leave anything
          // behind in globals, mocks, the environment or the working directory.
          isolate: false,
          // The buffers of files and memories count for the collector of garbage, which marked a heap of all suites' modules
          // a few times in each build. With more room it takes a fifth less of the processor's time in all.
          execArgv: ["--heap-growing-percent=200", "--initial-old-space-size=256", "--import", NATIVE],
          experimental: native,
          include: ONLY_PROCESSES ? PROCESSES : ["test/**/*.test.ts"],
          exclude: ["test/worker/**", "test/runtime/**", ...(ONLY_PROCESSES ? [] : PROCESSES)],
        },
      },
      {
        // The packed package in every runtime. Its programs import `midx` by name: nothing here does.
        test: {
          name: "runtime",
          ...patient,
          isolate: false,
          experimental: native,
          include: ONLY_PROCESSES ? RUNTIME_PROCESSES : ["test/runtime/*.test.ts"],
          exclude: ONLY_PROCESSES ? [] : RUNTIME_PROCESSES,
          globalSetup: "./test/runtime/install.ts",
        },
      },
      {
        plugins: [
          wasmBytes, // for the global setup, which runs in Node
          cloudflareTest({
            wrangler: { configPath: "./wrangler.toml" },
            miniflare: {
              cf: false,
              assets: { directory: "./build/test-assets", binding: "ASSETS" },
              r2Buckets: { INDEX: "midx-index" },
              kvNamespaces: { INDEX_KV: "midx-index" },
            },
          }),
        ],
        resolve: {
          // What package.json's exports say for workerd, at its root: src/index.ts loads by src/load-imported.ts there.
          alias: [{ find: /^(.*\/)load-inlined\.ts$/, replacement: "$1load-imported.ts" }],
        },
        test: {
          name: "workers",
          ...patient,
          isolate: false,
          include: [...(WHOLE_IN_WORKERD ? ["test/*.test.ts"] : IN_WORKERD), "test/worker/**/*.test.ts"],
          exclude: NODE_ONLY,
          globalSetup: "./test/worker-assets.ts",
        },
      },
    ],
  },
});
