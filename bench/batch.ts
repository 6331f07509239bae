// Batches beside single calls (npm run bench:batch), on the head of 100,000 tokens with each row type. Both take turns
// with the same queries in one process, so only ratios of CPU time are kept. --write writes bench/results/batch.json and
// the table of docs/sampling.md.
import { cpus } from "node:os";
import type { MultiIndex } from "../src/index/multi-index.ts";
import type { BatchCall, BatchHead, BatchResult } from "./batch-result.ts";
import { batchTable } from "./batch-table.ts";
import { type Head, haveTokens, tokensHead } from "./heads.ts";
import { build, load } from "./library.ts";
import { replaceBetween } from "./page.ts";
import { writeResult } from "./results-file.ts";
import { cpuTimes } from "./timing.ts";

const SIZES = [1, 10, 100];
const TURNS = 11;
/** The least CPU milliseconds of a turn. */
const LEAST = 100;

type Call = (index: MultiIndex, queries: Float32Array, batch: { batch?: number }) => unknown;

const CALLS: Readonly<Record<string, Call>> = {
  "predict, k = 10": (index, queries, batch) => index.predict(queries, 10, { seed: 1, ...batch } as object),
  "topK, k = 10, exact": (index, queries, batch) => index.topK(queries, 10, { exact: true, ...batch } as object),
  "predict, k = 10, exact: the full softmax": (index, queries, batch) =>
    index.predict(queries, 10, { exact: true, seed: 1, ...batch } as object),
  "logPartition, exact": (index, queries, batch) =>
    index.logPartition(queries, { exact: true, seed: 1, ...batch } as object),
};

if (haveTokens()) {
  const head = tokensHead("tokens", 100_000);
  const heads: BatchHead[] = [];
  for (const rowType of ["i8", "f16", "f32"] as const) heads.push(await measureHead(head, rowType));
  const result: BatchResult = {
    machine: `${cpus()[0]?.model ?? "?"}, one core`,
    node: process.version,
    builder: `RQ, K = 256, rows of ${head.dim} values`,
    heads,
  };
  console.log(batchTable(result));
  if (process.argv.includes("--write")) {
    replaceBetween("docs/sampling.md", "batch", batchTable(writeResult("batch", result)));
  }
}

async function measureHead(head: Head, rowType: "i8" | "f16" | "f32"): Promise<BatchHead> {
  const { data, itemCount, dim, bias, counts } = head;
  const file = await build({ data, shape: [itemCount, dim] }, { bias, counts, bits: 8, rowType, seed: 1 });
  const index = await load(file);
  const calls = Object.entries(CALLS).map(([name, call]) => measureCall(index, head, name, call));
  index.dispose();
  return { itemCount, rowType, calls };
}

function measureCall(index: MultiIndex, { queries, dim }: Head, name: string, call: Call): BatchCall {
  const queriesFrom = (first: number, count: number): Float32Array =>
    queries.subarray(first * dim, (first + count) * dim);
  const sizes = SIZES.map((size) => {
    const places = Math.floor(queries.length / dim / size);
    const times = cpuTimes(TURNS, LEAST, {
      singly: (round) => {
        const first = (round % places) * size;
        for (let row = first; row < first + size; row++) call(index, queriesFrom(row, 1), {});
      },
      together: (round) => call(index, queriesFrom((round % places) * size, size), { batch: size }),
    });
    return { size, ratio: times.singly / times.together };
  });
  return { name, sizes };
}
