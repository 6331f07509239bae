// Decoding (npm run bench:decode): the times of `decode` in units of a predict, beside decoding from a full softmax and
// from a plain int8 scan, and the distance of nuclei by the estimate from the true ones. The kinds of calls take turns in
// one process, so only ratios are kept. On the heads of 100,000 and 1,000,000 tokens. --write writes
// bench/results/decode.json and the tables of docs/decode.md.

import type { DecodeOptions } from "../src/decode/decode-options.ts";
import type { MultiIndex } from "../src/index/multi-index.ts";
import { keptLaw } from "../test/decode/kept-law.ts";
import type { DecodeCall, DecodeHead, DecodeLaw, DecodeResult } from "./decode/result.ts";
import { decodeLaws, decodeTimes } from "./decode/table.ts";
import { fullSoftmax } from "./full-softmax.ts";
import { type Head, haveTokens, tokensHead } from "./heads.ts";
import { buildMeasured, load, openedOf } from "./library.ts";
import { originOf } from "./origin.ts";
import { replaceBetween } from "./page.ts";
import { plainScans } from "./peers/plain-scan.ts";
import { writeResult } from "./results-file.ts";
import { callTimes, median } from "./timing.ts";
import { trueNucleus } from "./true-nucleus.ts";

const ROUNDS = 12;
const BURST = 16;
/** Queries that the build calibrates with. None of them is asked. */
const CALIBRATION_QUERIES = 128;
/** Queries whose whole laws are compared. */
const LAWS = 100;

const CHAINS: Readonly<Record<string, DecodeOptions>> = {
  greedy: { temperature: 0 },
  "minP .05": { minP: 0.05 },
  "minP .05, T = .7": { minP: 0.05, temperature: 0.7 },
  "topK 50, topP .9": { topK: 50, topP: 0.9 },
  "topP .9, by the estimate": { topP: 0.9 },
  "topP .9, by the estimate, T = .7": { topP: 0.9, temperature: 0.7 },
  "topP .9, certain": { topP: 0.9, certain: true },
  "no truncation": {},
};

if (haveTokens()) {
  const result: DecodeResult = {
    ...originOf("one core"),
    builder: "RQ, K = 256, int8 rows of 64 values, calibrated on queries",
    heads: [await measureHead(tokensHead("tokens", 100_000)), await measureHead(tokensHead("tokens", 1_000_000))],
  };
  console.log(`${decodeTimes(result)}\n\n${decodeLaws(result)}`);
  if (process.argv.includes("--write")) {
    const written = writeResult("decode", result);
    replaceBetween("docs/decode.md", "times", decodeTimes(written));
    replaceBetween("docs/decode.md", "laws", decodeLaws(written));
  }
}

async function measureHead(head: Head): Promise<DecodeHead> {
  const { name, data, itemCount, dim, bias, counts, queries } = head;
  const calibration = queries.subarray(0, CALIBRATION_QUERIES * dim);
  const file = await buildMeasured({ data, shape: [itemCount, dim] }, { bias, counts, queries: calibration, seed: 1 });
  const index = await load(file, { maxBytes: 2 ** 31 });
  const asked = queries.subarray(CALIBRATION_QUERIES * dim);
  const query = (call: number): Float32Array => {
    const at = ((7 * call) % (asked.length / dim)) * dim;
    return asked.subarray(at, at + dim);
  };
  const calls = await timesOf(index, head, query);
  const laws = [1, 0.7].flatMap((temperature) =>
    [0.9, 0.95].map((topP) => lawsOf(index, query, { topP, temperature })),
  );
  index.dispose();
  return { name, itemCount, calls, laws };
}

async function timesOf(
  index: MultiIndex,
  { data, itemCount, dim, bias, counts, queries }: Head,
  query: (call: number) => Float32Array,
): Promise<DecodeCall[]> {
  const plain = plainScans.find(({ name }) => name === "plain scan int8, relaxed");
  const scan = await plain?.build(data, itemCount, dim, "dot", { bias, counts, queries });
  const decoding = Object.entries(CHAINS).map(([name, chain]) => [
    `decode: ${name}`,
    (call: number) => index.decode(query(call), { ...chain, seed: call }),
  ]);
  index.decode(query(0), { minP: 0.05 }); // measures the norms that bounds need, once
  const times = callTimes(ROUNDS, BURST, {
    predict: (call) => index.predict(query(call), 10, { seed: call }),
    "predict, exact": (call) => index.predict(query(call), 10, { exact: true, seed: call }),
    ...Object.fromEntries(decoding),
    "a draw from the full softmax": (call) => fullSoftmax(index, query(call), 1),
    "the best 50 of a plain int8 scan": (call) => scan?.search(query(call), 50, 1),
  });
  scan?.dispose();
  const unit = times.predict as { median: number; mean: number };
  return Object.entries(times).map(([name, time]) => ({
    name,
    median: time.median / unit.median,
    mean: time.mean / unit.mean,
  }));
}

/** Compares the nuclei by the estimate with those of the plain chain over all scores. */
function lawsOf(
  index: MultiIndex,
  query: (call: number) => Float32Array,
  chain: { readonly topP: number; readonly temperature: number },
): DecodeLaw {
  const ids = Int32Array.from({ length: index.info.itemCount }, (_, id) => id);
  const kept: number[] = [];
  const distances: number[] = [];
  let exact = 0;
  for (let call = 0; call < LAWS; call++) {
    const { law, answer } = keptLaw({ index, opened: openedOf(index) }, query(call), { ...chain, seed: call }, 16_384);
    const scores = index.score(query(call), ids);
    const truth = trueNucleus(scores, chain);
    kept.push(truth.count);
    distances.push(truth.distanceOf(law, scores));
    if (answer.decided === "exact") exact++;
  }
  const p90 = (values: readonly number[]): number =>
    values.toSorted((a, b) => a - b)[Math.floor(0.9 * values.length)] as number;
  return {
    ...chain,
    queries: LAWS,
    keptMedian: median(kept),
    keptP90: p90(kept),
    exactShare: exact / LAWS,
    distanceMean: distances.reduce((sum, distance) => sum + distance, 0) / LAWS,
    distanceP90: p90(distances),
  };
}
