import { expect, test } from "vitest";
import { type Estimate, SquaredNorm } from "../../bench/curves/squared-norm.ts";
import { randomRows } from "../train/rows.ts";

const DIM = 5;
const REPETITIONS = 60;
const TRIALS = 2000;

/** Estimates from repetitions of `mean` + noise, new ones in every trial. */
function trials(mean: readonly number[]): Estimate[] {
  const noise = randomRows(TRIALS * REPETITIONS * DIM, 3);
  return Array.from({ length: TRIALS }, (_, trial) => {
    const norm = new SquaredNorm(DIM);
    for (let r = 0; r < REPETITIONS; r++) {
      const at = (trial * REPETITIONS + r) * DIM;
      norm.add(Float64Array.from(mean, (value, d) => value + (noise[at + d] as number)));
    }
    return norm.estimate();
  });
}

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const varianceOf = (values: readonly number[]): number => meanOf(values.map((value) => (value - meanOf(values)) ** 2));

test.each([
  ["where the mean is nothing but noise", [0, 0, 0, 0, 0]],
  ["where noise is larger than the mean", [0.1, -0.05, 0, 0.02, 0.08]],
  ["where the mean is larger than noise", [1, -2, 0.5, 0, 1]],
])("the squared norm of a mean is estimated without bias %s", (_, mean) => {
  const values = trials(mean).map(({ value }) => value);
  const exact = mean.reduce((sum, value) => sum + value ** 2, 0);
  expect(Math.abs(meanOf(values) - exact)).toBeLessThan(4 * Math.sqrt(varianceOf(values) / TRIALS));
});

test("its variance is that of the estimates, and no smaller if everything is noise", () => {
  const ratio = (mean: readonly number[]): number => {
    const estimates = trials(mean);
    const had = varianceOf(estimates.map(({ value }) => value));
    return meanOf(estimates.map(({ variance }) => variance)) / had;
  };
  expect(ratio([1, -2, 0.5, 0, 1])).toBeCloseTo(1, 0.8);
  const noise = ratio([0, 0, 0, 0, 0]);
  expect(noise).toBeGreaterThan(0.9);
  expect(noise).toBeLessThan(3);
});
