import type { Bars } from "./bars.ts";
import { variations, type WeightedDraws, weigh } from "./estimator.ts";
import type { Proposal } from "./proposals.ts";

/** Draws of a run, of which the page shows some or all. */
export const MOST_DRAWS = 10_000;
/** Runs that the errors are means of. */
const RUNS = 16;
/** Between the seeds of two runs, so that they meet no seeds that anyone picks: 2^32 by the golden ratio. */
const SEED_STEP = 0x9e3779b9;

/** Where errors are measured: twelve numbers of draws in each power of ten. */
export const MEASURED_DRAWS: readonly number[] = [
  ...new Set(Array.from({ length: 49 }, (_, i) => Math.round(10 ** (i / 12)))),
];

export const drawRun = (proposal: Proposal, query: Float32Array, { barOf }: Bars, seed: number): WeightedDraws =>
  weigh(proposal(query, MOST_DRAWS, seed), barOf);

/** Mean errors by proposal and number of draws, after each of the runs: the first is the one that is shown. */
export function* meanErrors(
  proposals: readonly Proposal[],
  query: Float32Array,
  bars: Bars,
  seed: number,
): Generator<Float64Array[]> {
  const sums = proposals.map((proposal) => ({ proposal, sum: new Float64Array(MEASURED_DRAWS.length) }));
  for (let run = 0; run < RUNS; run++) {
    const runSeed = (seed + run * SEED_STEP) >>> 0;
    for (const { proposal, sum } of sums) {
      const errors = variations(drawRun(proposal, query, bars, runSeed), bars.shares, MEASURED_DRAWS);
      for (const [i, error] of errors.entries()) sum[i] = (sum[i] ?? 0) + error;
    }
    yield sums.map(({ sum }) => sum.map((total) => total / (run + 1)));
  }
}
