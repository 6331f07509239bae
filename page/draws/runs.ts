import type { Bars } from "./bars.ts";
import { variations, type WeightedDraws, weigh } from "./estimator.ts";
import type { Proposal } from "./proposals.ts";

/** The number of draws of a run. The page shows some or all of them. */
export const MOST_DRAWS = 10_000;
/** The number of runs over which errors are averaged. */
const RUNS = 16;
/** The distance between the seeds of two runs, which avoids seeds that a visitor would choose: 2^32 / golden ratio. */
const SEED_STEP = 0x9e3779b9;

/** The numbers of draws at which errors are measured: twelve in each power of ten. */
export const MEASURED_DRAWS: readonly number[] = [
  ...new Set(Array.from({ length: 49 }, (_, i) => Math.round(10 ** (i / 12)))),
];

export const drawRun = (proposal: Proposal, query: Float32Array, { barOf }: Bars, seed: number): WeightedDraws =>
  weigh(proposal(query, MOST_DRAWS, seed), barOf);

/** Yields the mean errors by proposal and number of draws after each run. The first run is the one in the histograms. */
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
