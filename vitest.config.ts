import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { cloudflareTest } from "@cloudflare/vitest-plugin";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";
import { ClosingLine } from "./test/run/closing-line.ts";
import { LongestFirst } from "./test/run/longest-first.ts";

const suites = (folder: string, ...names: string[]): string[] => names.map((name) => `test/${folder}/${name}.test.ts`);

/**
 * The suites of the library's interface, which run in workerd as well as in Node. test/index/bits.test.ts holds both runtimes
 * to the same bits, so the suites of single kernels run in Node alone, but for `npm run test:cases`.
 */
const IN_WORKERD = [
  suites("answers", "stored-rows"),
  suites("assembly", "checksum", "query"),
  suites("bytes", "float16"),
  suites("checks", "check"),
  suites("encoder", "bits"),
  suites("index", "bits", "feature-bags", "load", "multi-index", "simd-option"),
  suites("memory", "labels", "modules"),
  suites("publication", "pointer"),
  suites("service", "client", "wire"),
].flat();

/** With those, the suites that `npm run test:cases` runs in workerd. */
const MORE_IN_WORKERD = [
  "test/{answers,assembly,batch,bytes,checks,decode,format,index,memory,service}/**/*.test.ts",
  ...suites("ab-testing", "conditions"),
  ...suites("publication", "client-facts", "manifest"),
];

/**
 * Suites of these folders that never run in workerd: they read files or the bytes of kernels, are about Node, or need many
 * draws.
 */
const NODE_ONLY = [
  suites("answers", "allowance-bars", "allowed-head", "auto-scan", "certified", "conditions", "coverage"),
  suites("answers", "divergence-bounds", "diversity", "exact-sample", "mixture", "overconfidence", "slate"),
  suites("answers", "second-try", "statistics", "wide-tail"),
  suites("assembly", "simd"),
  suites("batch", "answers"),
  suites("bytes", "sha256"),
  suites("checks", "other-realms"),
  suites("decode", "draws", "heads"),
  suites("index", "call-sequences", "forgotten-index", "hostile-arguments", "many-draws", "messages", "recall-effort"),
  suites("memory", "beyond-two-gib", "lazy-weights", "precompiled-modules", "simd-modules", "weight-tables"),
  suites("service", "app", "client-signal"),
].flat();

/**
 * Suites that start many processes, fill disks, measure memory, wait for long or use programs of others, and long forms of other
 * suites: `npm run test:processes`. `npm test` has a smaller form of each promise, and would take some minutes longer with them.
 */
const PROCESSES = [
  suites("cli", "interrupted-compaction", "runtimes"),
  suites(
    "cli/building",
    "encoder-of-parts",
    "failing-writes",
    "killed-builds",
    "max-memory",
    "measured-on-disk",
    "recall-on-disk",
  ),
  suites("cli/compacting", "compact-killed"),
  suites("cli/publishing", "publish-installed", "publish-killed", "publish-local"),
  suites("cli/queue", "bucket-queue", "over-valkey"),
  suites("cli/remote", "bucket-leftovers", "moto"),
  suites("cli/tasks", "sample-memory"),
  suites("cli/threads", "threads-command"),
  suites("compactor", "killed"),
  suites("examples", "gnu-parallel", "python-kinds", "slurm", "tfjs", "torch"),
  suites("hostile", "slow-connections"),
  suites("live", "serve-log-runtimes", "serve-parts"),
  suites("live/log", "killed-writers", "log-in-moto"),
  suites("page", "other-settings", "writing"),
  suites("router", "processes", "silent-in-batches"),
  suites("scripts", "build-kernels", "next-phrase-demo"),
].flat();
/** Those of them that run the packed package. */
const RUNTIME_PROCESSES = suites(
  "runtime",
  "bindings",
  "checkout",
  "client",
  "compactor",
  "content-security-policy",
  "debian-browsers",
  "examples",
  "node10-types",
  "notices",
  "threads",
  "vectorize",
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
/** The same for `expect.poll`, which by default gives up after a second. */
const patient = { testTimeout: TIMEOUT, hookTimeout: TIMEOUT, expect: { poll: { timeout: TIMEOUT / 10 } } };

/** `x.wasm?bytes` is the bytes, as in the bundles and in test/run/native-modules.ts. */
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
const NATIVE = new URL("test/run/native-modules.ts", import.meta.url).href;
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
          include: [...IN_WORKERD, ...(WHOLE_IN_WORKERD ? MORE_IN_WORKERD : []), "test/worker/**/*.test.ts"],
          exclude: NODE_ONLY,
          globalSetup: "./test/run/worker-assets.ts",
        },
      },
    ],
  },
});
