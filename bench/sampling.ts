// The quality and speed of sampled softmax on a head of 100,000 and of 1,000,000 classes (npm run bench:sampling).
// Prints tables. With --write it also writes bench/results/sampling.json and, from it, docs/sampling.md and the
// README's table.
import { mkdirSync, writeFileSync } from "node:fs";
import type { MultiIndex } from "../src/index/multi-index.ts";
import { fullSoftmax } from "./full-softmax.ts";
import { type Head, haveTokens, tokensHead } from "./heads.ts";
import { build, load, measure } from "./library.ts";
import { nativeSoftmaxMicros } from "./native-softmax.ts";
import { originOf } from "./origin.ts";
import { replaceBetween } from "./page.ts";
import { stepTimes } from "./predict-steps.ts";
import type { HeadResult, SamplingResult } from "./sampling/result.ts";
import { readmeTable, samplingTables, stepsTable, sumOf } from "./sampling/table.ts";
import { medianTimes } from "./timing.ts";

const SCANS = [0, 1024, 4096, 16384];
const ROUNDS = 8;
const BURST = 64;

if (haveTokens()) {
  const heads = [
    await measureHead(tokensHead("tok100k", 100_000), 256),
    await measureHead(tokensHead("tok1M", 1_000_000), 96),
  ];
  const result: SamplingResult = {
    ...originOf("one core"),
    builder: "RQ, K = 256, int8 rows, k-means weighted by count^½",
    heads,
  };
  print(result);
  if (process.argv.includes("--write")) {
    mkdirSync(new URL("results/", import.meta.url), { recursive: true });
    writeFileSync(new URL("results/sampling.json", import.meta.url), `${JSON.stringify(result, undefined, 2)}\n`);
    replaceBetween("docs/sampling.md", "sampling", samplingTables(result));
    replaceBetween("docs/sampling.md", "sampling-steps", stepsTable(result));
    replaceBetween("README.md", "sampling", readmeTable(result));
  }
}

async function measureHead(head: Head, queryCount: number): Promise<HeadResult> {
  const { data, itemCount, dim, bias, counts, queries } = head;
  const start = performance.now();
  const file = await build({ data, shape: [itemCount, dim] }, { bias, counts, bits: 8 });
  const buildSeconds = (performance.now() - start) / 1000;
  const index = await load(file);
  const heldOut = queries.subarray(0, queryCount * dim);
  const nativeSoftmax = await nativeSoftmaxMicros(head);
  const result: HeadResult = {
    name: head.name,
    itemCount,
    buildSeconds,
    fileBytes: index.info.fileBytes,
    memoryBytes: index.info.memoryBytes,
    bucketCount: index.info.bucketCount,
    largestBucket: index.info.largestBucket,
    quality: SCANS.map((scan) => measure(index, heldOut, { scan })),
    ...(itemCount <= 100_000 && { plainShare: await plainShares(head, heldOut) }),
    times: callTimes(index, queries, dim),
    ...(nativeSoftmax !== undefined && { nativeSoftmax }),
    ...stepTimes(index, queries, dim),
  };
  index.dispose();
  return result;
}

/**
 * Effective sample sizes of the paper's plain proposal (bias as one more coordinate, no weights), and of ours without
 * weights.
 */
async function plainShares(head: Head, heldOut: Float32Array): Promise<{ asInThePaper: number; unweighted: number }> {
  const { data, itemCount, dim, bias } = head;
  const share = async (rows: Float32Array, columns: number, asked: Float32Array, biases?: Float32Array) => {
    const options = { bits: 8, ...(biases && { bias: biases }) };
    const index = await load(await build({ data: rows, shape: [itemCount, columns] }, options));
    return measure(index, asked, { scan: 0 }).effectiveSampleShare;
  };
  const withColumn = (values: Float32Array, last: (row: number) => number): Float32Array => {
    const wider = new Float32Array((values.length / dim) * (dim + 1));
    for (let row = 0; row < values.length / dim; row++) {
      wider.set(values.subarray(row * dim, (row + 1) * dim), row * (dim + 1));
      wider[row * (dim + 1) + dim] = last(row);
    }
    return wider;
  };
  return {
    asInThePaper: await share(
      withColumn(data, (row) => bias[row] as number),
      dim + 1,
      withColumn(heldOut, () => 1),
    ),
    unweighted: await share(data, dim, heldOut, bias),
  };
}

function callTimes(index: MultiIndex, queries: Float32Array, dim: number): Record<string, number> {
  const query = (round: number): Float32Array => {
    const at = (round % (queries.length / dim)) * dim;
    return queries.subarray(at, at + dim);
  };
  return medianTimes(ROUNDS, BURST, {
    "predict, scan 1,024": (round) => index.predict(query(round), 10, { seed: 1 }),
    "predict, scan 4,096": (round) => index.predict(query(round), 10, { seed: 1, scan: 4096 }),
    "predict, scan 16,384": (round) => index.predict(query(round), 10, { seed: 1, scan: 16384 }),
    "sample 100, plain": (round) => index.sample(query(round), 100, { seed: 1, scan: 0 }),
    "full softmax, int8": (round) => fullSoftmax(index, query(round), 0),
    "int8 scan as proposal, 100 draws": (round) => fullSoftmax(index, query(round), 100),
  });
}

function print({ machine, node, builder, heads }: SamplingResult): void {
  console.log(`${machine}, Node ${node}; ${builder}`);
  for (const head of heads) {
    const { times, steps, warmSteps } = head;
    const call = times["predict, scan 1,024"] as number;
    const full = times["full softmax, int8"] as number;
    console.log(
      `\n${head.name}: built in ${head.buildSeconds.toFixed(1)} s, ${head.fileBytes} bytes, ` +
        `${(head.memoryBytes / 1e6).toFixed(1)} MB in memory, ${head.bucketCount} buckets, largest ${head.largestBucket}`,
    );
    console.table(head.quality);
    if (head.plainShare) console.log("effective sample size a draw, plain proposal:", head.plainShare);
    console.table(times);
    const split = Object.keys(steps).map((name) => [name, { "in calls": steps[name], warm: warmSteps[name] }]);
    console.table(Object.fromEntries(split));
    if (head.nativeSoftmax) console.log(`full softmax in C++: ${head.nativeSoftmax.toFixed(0)} µs`);
    console.log(
      `full softmax / predict ${(full / call).toFixed(1)}; predict / sum of its steps ${(call / sumOf(steps)).toFixed(2)}, ` +
        `warm ${(call / sumOf(warmSteps)).toFixed(2)}; ` +
        `scan 16,384 / scan 1,024 ${((times["predict, scan 16,384"] as number) / call).toFixed(2)}`,
    );
  }
}
