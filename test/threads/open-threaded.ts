import { readFileSync } from "node:fs";
import { describe } from "../../src/index/describe.ts";
import { MultiIndex } from "../../src/index/multi-index.ts";
import type { Modules } from "../../src/memory/kernels.ts";
import { type OpenedIndex, openIndex } from "../../src/memory/opened-index.ts";
import type { Limits } from "../../src/memory/plan.ts";
import { importingSharedMemory, sharedMemory } from "../../src/threads/shared-modules.ts";
import { ThreadedBatches } from "../../src/threads/threaded-batches.ts";

const LIMITS: Limits = {
  maxBytes: 2 ** 28,
  maxBatch: 128,
  maxDraws: 1024,
  maxK: 512,
  maxScan: 1024,
  maxChanged: 64,
  maxDelta: 0,
};

const compileShared = (name: string): WebAssembly.Module =>
  new WebAssembly.Module(importingSharedMemory(new Uint8Array(readFileSync(`build/${name}.wasm`))));

/** The builds of the kernels, with a shared memory. */
const SHARED: Readonly<Record<"debug" | "release" | "relaxed", Modules>> = {
  debug: modulesOf(".debug", "scan.debug"),
  release: modulesOf("", "scan"),
  relaxed: modulesOf("", "scan-relaxed"),
};

function modulesOf(suffix: string, scan: string): Modules {
  const [query, exact, batch] = ["query", "exact", "batch"].map((name) => compileShared(name + suffix)) as [
    WebAssembly.Module,
    WebAssembly.Module,
    WebAssembly.Module,
  ];
  return { query, exact, batch, scan: compileShared(scan) };
}

export interface ThreadedOptions {
  readonly build?: keyof typeof SHARED;
  readonly limits?: Partial<Limits>;
  readonly patience?: number;
}

/** An index whose threads read together even the fewest rows. */
export async function openThreaded(
  file: Uint8Array,
  count: number,
  { build = "release", limits = {}, patience }: ThreadedOptions = {},
): Promise<{ readonly index: MultiIndex; readonly opened: OpenedIndex }> {
  const all = { ...LIMITS, ...limits };
  const memory = sharedMemory(all.maxBytes);
  const modules = SHARED[build];
  const batches = new ThreadedBatches({ modules, memory }, count, { leastBytes: 0, ...(patience && { patience }) });
  const opened = await openIndex(modules, file, all, batches);
  const index = new MultiIndex(opened, describe(opened), all);
  await batches.begin();
  return { index, opened };
}
