// The cost of exact answers (npm run bench:exact): certified top 10, exact draws and draws without replacement against
// scans of all rows, and the errors of sampled answers against their time. They are measured on a language model's head
// of 100,000 and 1,000,000 classes and on a recommender's, which is diffuse. --write writes bench/results/exact.json,
// docs/choosing.md and its figure.
import { mkdirSync, writeFileSync } from "node:fs";
import type { MultiIndex } from "../src/index/multi-index.ts";
import { diffuseHead, haveSessions } from "./diffuse-head.ts";
import { errorFigure } from "./exact/error-figure.ts";
import type { ExactCall, ExactHead, ExactResult, SampledCall } from "./exact/result.ts";
import { exactTable, sampledTable } from "./exact/table.ts";
import { fullSoftmax, fullTop } from "./full-softmax.ts";
import { type Head, haveTokens, tokensHead } from "./heads.ts";
import { build, load, measure } from "./library.ts";
import { originOf } from "./origin.ts";
import { replaceBetween } from "./page.ts";
import { callTimes } from "./timing.ts";

const SCANS = [0, 256, 1024, 4096, 16384];
/** The heads of the proposal by fine codes. */
const CODED_SCANS = [1024, 4096];
const ROUNDS = 8;
const BURST = 32;
const QUERIES = ROUNDS * BURST;

if (haveTokens() && haveSessions()) {
  const result: ExactResult = {
    ...originOf("one core"),
    builder: "RQ, K = 256 (places: 128), int8 rows, fine codes, k-means weighted by count^½",
    heads: [
      await measureHead(tokensHead("tokens", 100_000), 128),
      await measureHead(tokensHead("tokens", 1_000_000), 32),
      await measureHead(diffuseHead(), 128),
    ],
  };
  console.log(`${exactTable(result)}\n\n${sampledTable(result)}`);
  if (process.argv.includes("--write")) {
    mkdirSync(new URL("results/", import.meta.url), { recursive: true });
    writeFileSync(new URL("results/exact.json", import.meta.url), `${JSON.stringify(result, undefined, 2)}\n`);
    writeFileSync(new URL("../docs/error-against-time.svg", import.meta.url), errorFigure(result));
    replaceBetween("docs/choosing.md", "exact", exactTable(result));
    replaceBetween("docs/choosing.md", "sampled", sampledTable(result));
  }
}

async function measureHead(head: Head, qualityQueries: number): Promise<ExactHead> {
  const { data, itemCount, dim, bias, counts, queries } = head;
  const index = await load(await build({ data, shape: [itemCount, dim] }, { bias, counts, fineCodes: true }));
  const query = (round: number): Float32Array => {
    const at = (round % (queries.length / dim)) * dim;
    return queries.subarray(at, at + dim);
  };
  const heldOut = queries.subarray(0, qualityQueries * dim);
  const result: ExactHead = {
    name: head.name,
    itemCount,
    perplexity: meanPerplexity(index, heldOut),
    calls: exactCalls(index, query),
    sampled: sampledCalls(index, query, heldOut),
  };
  index.dispose();
  return result;
}

function meanPerplexity(index: MultiIndex, queries: Float32Array): number {
  const { dim, itemCount } = index.info;
  const ids = Int32Array.from({ length: itemCount }, (_, id) => id);
  let total = 0;
  for (let at = 0; at < queries.length; at += dim) {
    const { logProbabilities } = index.logProbability(queries.subarray(at, at + dim), ids, { exact: true });
    total += Math.exp(-logProbabilities.reduce((sum, logP) => sum + Math.exp(logP) * logP, 0));
  }
  return Number((total / (queries.length / dim)).toFixed(1));
}

interface Measured {
  readonly call: (query: Float32Array, seed: number) => { readonly scored: number } | undefined;
  readonly opponent?: string;
}

function exactCalls(index: MultiIndex, query: (round: number) => Float32Array): ExactCall[] {
  const exact = true as const;
  const none = (run: (z: Float32Array) => unknown) => (z: Float32Array) => {
    run(z);
    return undefined;
  };
  const calls: Record<string, Measured> = {
    "scan, top 10": { call: none((z) => fullTop(index, z)) },
    "scan, 1 draw": { call: none((z) => fullSoftmax(index, z, 1)) },
    "scan, 100 draws": { call: none((z) => fullSoftmax(index, z, 100)) },
    "top 10, certified": { call: (z) => index.topK(z, 10, { exact }), opponent: "scan, top 10" },
    "1 exact draw": { call: (z, seed) => index.sample(z, 1, { exact, seed }), opponent: "scan, 1 draw" },
    "100 exact draws": { call: (z, seed) => index.sample(z, 100, { exact, seed }), opponent: "scan, 100 draws" },
    "10 without replacement, exact": {
      call: (z, seed) => index.sampleTopK(z, 10, { exact, seed }),
      opponent: "scan, 1 draw",
    },
    "10 without replacement, from the proposal": {
      call: (z, seed) => index.sampleTopK(z, 10, { seed }),
      opponent: "scan, 1 draw",
    },
  };
  index.topK(query(0), 1, { exact }); // measures the norms of the residuals, once for each index
  const times = callTimes(
    ROUNDS,
    BURST,
    Object.fromEntries(Object.entries(calls).map(([name, { call }]) => [name, (i: number) => call(query(i), i)])),
  );
  return Object.entries(calls).map(([name, { call, opponent }]) => {
    const scored = Array.from({ length: QUERIES }, (_, i) => call(query(i), i)?.scored ?? index.info.itemCount);
    scored.sort((a, b) => a - b);
    const { median, mean } = times[name] as { median: number; mean: number };
    return { name, median, mean, scored: scored[QUERIES >> 1] as number, opponent };
  });
}

function sampledCalls(index: MultiIndex, query: (round: number) => Float32Array, heldOut: Float32Array): SampledCall[] {
  const efforts = [
    ...SCANS.map((scan) => ({ proposal: "buckets", scan }) as const),
    ...CODED_SCANS.map((scan) => ({ proposal: "codes", scan }) as const),
  ];
  const nameOf = (effort: object): string => JSON.stringify(effort);
  const times = callTimes(
    ROUNDS,
    BURST,
    Object.fromEntries(
      efforts.map((effort) => [
        nameOf(effort),
        effort.scan === 0
          ? (i: number) => index.sample(query(i), 100, { ...effort, seed: i })
          : (i: number) => index.predict(query(i), 10, { ...effort, seed: i }),
      ]),
    ),
  );
  return efforts.map((effort) => ({
    ...measure(index, heldOut, effort),
    median: times[nameOf(effort)]?.median ?? 0,
  }));
}
