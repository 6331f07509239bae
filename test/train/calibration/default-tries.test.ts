import { expect, test } from "vitest";
import { gaussianHead } from "../../../bench/trust/synthetic.ts";
import { DEFAULT_DRAWS } from "../../../src/answers/options.ts";
import { load } from "../../../src/index.ts";
import { realStatistics } from "../../../src/internal.ts";
import { build } from "../../../src/train/index.ts";

test("statistics are those of the answers with the bars that the calibration made narrower", async () => {
  const [itemCount, dim, queryCount] = [4000, 16, 100];
  const { data, queries } = gaussianHead({ itemCount, dim, queryCount, seed: 5 });
  const index = await load(await build({ data, shape: [itemCount, dim] }, { queries, bits: 4, seed: 1 }));
  const { factor } = index.info.calibration;
  expect(factor).toBeLessThan(1);
  const of = (options: object) => {
    const answers = index.predict(queries, 1, { ...options, batch: queryCount, seed: 0 });
    const mean = (shown: (answer: (typeof answers)[number]) => number): number =>
      answers.reduce((sum, answer) => sum + shown(answer), 0) / queryCount;
    const logPartition = mean((answer) => answer.logPartition);
    const worth = mean(({ effectiveSampleSize, choice }) => effectiveSampleSize / (choice?.draws || DEFAULT_DRAWS));
    return { answers, means: [logPartition, worth, mean((answer) => answer.headShare)] };
  };
  // Some first tries are trusted for the factor alone.
  const bars = of({ scan: 1024 }).answers.map(({ standardError }) => standardError);
  expect(bars.some((bar) => bar <= 0.1 && bar / (factor as number) > 0.1)).toBe(true);
  expect(bars.some((bar) => bar > 0.1)).toBe(true);
  const [, ...moments] = new Float32Array(realStatistics(index, "values") as ArrayBuffer).subarray(0, 7);
  for (const [i, mean] of of({}).means.entries()) expect(moments[2 * i]).toBeCloseTo(mean, 4);
});
