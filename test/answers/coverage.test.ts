import { describe, expect, test } from "vitest";
import { estimateLogPartition, type LogPartition } from "../../src/answers/error-bars.ts";
import { buildIndex } from "../fixtures/build-index.ts";
import { halves } from "../fixtures/next-word.ts";
import { open } from "../fixtures/open.ts";
import { buildUntilted } from "../fixtures/untilted.ts";
import { LARGE } from "../run/size.ts";
import { ALLOWANCES } from "./error-bars.ts";

// Measures whether log Ẑ ± 1.96 standard errors cover log Z, over contexts of a real layer of 10,000 words: over all of the
// 2,048 by `npm run test:statistics`. Seeds are fixed, so nothing here depends on chance.

const SEEDS = LARGE ? [1, 2] : [1];
const DIM = 100;

const matrix = { data: halves("head.safetensors", "weight"), shape: [10_000, DIM] } as const;
const bias = halves("head.safetensors", "bias");
const file = await buildIndex(matrix, { bias });
const { index, opened } = await open(file, { maxDraws: 1000 });
const all = halves("queries.safetensors", "queries");
const STEP = LARGE ? 1 : 3;
const queries = Array.from({ length: Math.floor(all.length / DIM / STEP) }, (_, i) =>
  all.subarray(i * STEP * DIM, (i * STEP + 1) * DIM),
);
const exact = queries.map((query) => index.logPartition(query, { exact: true }).logPartition);

type Answer = Pick<LogPartition, "logPartition" | "standardError" | "effectiveSampleSize" | "lowEss">;

/**
 * The share of the answers, with `SEEDS.length` for each query, that lowEss flags, and the share of those that cover
 * log Z among the others that `counted` selects.
 */
function measure(ask: (query: Float32Array, seed: number) => Answer, counted: (answer: Answer) => boolean) {
  let [flagged, count, covered] = [0, 0, 0];
  for (const [row, query] of queries.entries()) {
    for (const seed of SEEDS) {
      const answer = ask(query, seed);
      if (answer.lowEss) flagged++;
      else if (counted(answer)) {
        count++;
        const error = Math.abs(answer.logPartition - (exact[row] as number));
        if (error <= 1.96 * answer.standardError) covered++;
      }
    }
  }
  return { flagged: flagged / (queries.length * SEEDS.length), covered: covered / count, count };
}

describe("95 % intervals cover log Z", () => {
  test.each([
    { scan: 256, draws: 100, flaggedAtMost: 0.25 },
    { scan: 256, draws: 1000, flaggedAtMost: 0.06 },
    { scan: 1024, draws: 100, flaggedAtMost: 0.07 },
    { scan: 1024, draws: 1000, flaggedAtMost: 0.02 },
  ])("in 94 % of the answers without lowEss: scan $scan, $draws draws", ({ scan, draws, flaggedAtMost }) => {
    const ask = (query: Float32Array, seed: number): Answer => index.logPartition(query, { scan, draws, seed });
    const { covered, flagged } = measure(ask, () => true);
    expect(covered).toBeGreaterThanOrEqual(0.94);
    expect(flagged).toBeLessThanOrEqual(flaggedAtMost);
  });

  test("in 93.5 to 96.5 % of the answers of format 1.0 if draws are independent and worth 400", async () => {
    // without a head, sample's x = e^(score − log Q) estimates Z itself
    const counts = new Uint8Array(10_000).fill(1); // k-means weighs all rows the same, as it did then
    const untilted = (await open(await buildUntilted(matrix, { bias, counts }), { maxDraws: 1000 })).index;
    const ask = (query: Float32Array, seed: number): Answer => {
      const { scores, logQ } = untilted.sample(query, 1000, { scan: 0, seed });
      return independentEstimate(scores.map((score, j) => score - (logQ[j] as number)));
    };
    const { covered, count } = measure(ask, ({ effectiveSampleSize }) => effectiveSampleSize >= 400);
    expect(count).toBeGreaterThan((queries.length / 4) * SEEDS.length);
    expect(covered).toBeGreaterThanOrEqual(0.935);
    expect(covered).toBeLessThanOrEqual(0.965);
  });
});

/** The estimate that a search makes of draws with these log x. The unit of Z is the tail's mass under the proposal. */
function independentEstimate(logX: Float32Array): Answer {
  const drawCount = logX.length;
  const logShift = logX.reduce((top, value) => Math.max(top, value));
  const x = Float64Array.from(logX, (value) => Math.exp(value - logShift));
  const meanOf = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / drawCount;
  const logs = Float64Array.from(logX);
  const meanLog = meanOf(logs);
  const tailMean = meanOf(x);
  return estimateLogPartition(
    {
      headMass: 0,
      tailMass: tailMean,
      tailMean,
      tailSquareMean: meanOf(x.map((value) => value * value)),
      tailLargest: 1,
      tailLogVariance: (meanOf(logs.map((value) => (value - meanLog) ** 2)) * drawCount) / (drawCount - 1),
      logTail: 0,
      rounding: 0,
      tailLogSpread: 0,
      isExtended: false,
      logShift,
      drawCount,
      distinctCount: drawCount,
      tailCount: drawCount,
    },
    drawCount,
    ALLOWANCES,
    opened.kernels,
  );
}
