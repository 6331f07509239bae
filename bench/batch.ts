// Batches beside single calls (npm run bench:batch), on the head of 100,000 tokens with each row type. Both take turns
// with the same queries in one process, so only ratios of CPU time are kept. The full softmax stands beside the products by
// onnxruntime-web and, if bench/peers is installed, by tfjs-wasm. --write writes bench/results/batch.json and the
// tables of docs/sampling.md.

import type { MultiIndex } from "../src/index/multi-index.ts";
import { openProduct } from "./batch/onnx-product.ts";
import type { BatchCall, BatchHead, BatchResult, Product } from "./batch/result.ts";
import { batchTable } from "./batch/table.ts";
import { openTfjsProduct } from "./batch/tfjs-product.ts";
import { type Head, haveTokens, tokensHead } from "./heads.ts";
import { build, load } from "./library.ts";
import { originOf } from "./origin.ts";
import { replaceBetween } from "./page.ts";
import { writeResult } from "./results-file.ts";
import { cpuMillis, cpuTimes, median } from "./timing.ts";

const SIZES = [1, 10, 100];
const TURNS = 11;
/** The least CPU milliseconds of a turn. */
const LEAST = 100;

const ROW_TYPES = ["i8", "f16", "f32"] as const;
type RowType = (typeof ROW_TYPES)[number];

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
  for (const rowType of ROW_TYPES) heads.push(await measureHead(head, rowType));
  const result: BatchResult = {
    ...originOf("one core"),
    builder: `RQ, K = 256, rows of ${head.dim} values`,
    heads,
    products: await measureProducts(head),
  };
  console.log(batchTable(result));
  if (process.argv.includes("--write")) {
    replaceBetween("docs/sampling.md", "batch", batchTable(writeResult("batch", result)));
  }
}

async function openHead(head: Head, rowType: RowType): Promise<MultiIndex> {
  const { data, itemCount, dim, bias, counts } = head;
  return load(await build({ data, shape: [itemCount, dim] }, { bias, counts, bits: 8, rowType, seed: 1 }));
}

async function measureHead(head: Head, rowType: RowType): Promise<BatchHead> {
  const { itemCount } = head;
  const index = await openHead(head, rowType);
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

/** Measures the full softmax with each row type, and the product by other libraries. They take turns. */
async function measureProducts(head: Head): Promise<Product[]> {
  const { queries, dim } = head;
  const kinds: Record<string, (batch: Float32Array, size: number) => unknown> = {};
  for (const rowType of ROW_TYPES) {
    const index = await openHead(head, rowType);
    kinds[`midx, full softmax, ${rowType}`] = (batch, size) =>
      index.predict(batch, 10, { exact: true, seed: 1, batch: size });
  }
  kinds["onnxruntime-web, product alone, f32"] = await openProduct(head);
  try {
    kinds["tfjs-wasm, product alone, f32"] = await openTfjsProduct(head);
  } catch (error) {
    console.log(`tfjs-wasm is left out: ${(error as Error).message.split("\n")[0]}`);
  }
  const names = Object.keys(kinds);
  const micros = new Map(names.map((name) => [name, [] as { size: number; micros: number }[]]));
  for (const size of SIZES) {
    const times = new Map(names.map((name) => [name, [] as number[]]));
    const places = Math.floor(queries.length / dim / size);
    for (let turn = 0; turn <= TURNS; turn++) {
      for (const name of names) {
        let asked = 0;
        const start = cpuMillis();
        while (cpuMillis() - start < LEAST) {
          const first = ((turn + asked++) % places) * size * dim;
          await kinds[name]?.(queries.slice(first, first + size * dim), size);
        }
        if (turn > 0) times.get(name)?.push((1000 * (cpuMillis() - start)) / asked / size);
      }
    }
    for (const name of names) micros.get(name)?.push({ size, micros: median(times.get(name) ?? []) });
  }
  return names.map((name) => ({ name, sizes: micros.get(name) ?? [] }));
}
