import { expect, test } from "vitest";
import { gaussianHead } from "../../../bench/trust/synthetic.ts";
import { DEFAULT_DRAWS } from "../../../src/answers/options.ts";
import { shownFigures } from "../../../src/answers/shown-figures.ts";
import { UNMEASURED } from "../../../src/format/calibration-values.ts";
import { load } from "../../../src/index.ts";
import { realStatistics } from "../../../src/internal.ts";
import { defaultsWith, defaultTries } from "../../../src/train/calibration/default-tries.ts";
import { SAFE_SPREAD } from "../../../src/train/calibration/fit-spread-limit.ts";
import { build } from "../../../src/train/index.ts";
import { buildIndex } from "../../fixtures/build-index.ts";
import { open } from "../../fixtures/open.ts";
import { randomRows } from "../rows.ts";

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

test("answers beyond a limit of spreads are of all rows, with the figures of the default answer", async () => {
  const [rows, dim] = [34_000, 8];
  const file = await buildIndex({ data: randomRows(rows * dim, 5), shape: [rows, dim] }, { bits: 3, calibrate: "off" });
  const { index, opened } = await open(file);
  const query = randomRows(dim, 6);
  index.score(query, [0]); // puts the query in its place
  const tries = defaultTries(opened);
  expect(tries.logSpread).toBeGreaterThan(SAFE_SPREAD);
  const without = { ...UNMEASURED, factor: 1 };
  expect(defaultsWith([tries], without)).toEqual([tries.bar <= 0.1 ? tries.once : tries.twice]);
  const [found] = defaultsWith([tries], { ...without, spreadLimit: SAFE_SPREAD });
  opened.errorBars = { ...opened.errorBars, spreadLimit: SAFE_SPREAD };
  const { ids, logPartition, effectiveSampleSize, headShare, choice } = index.predict(query, 1, { seed: 0 });
  expect(choice?.exact).toBe(true);
  const shown = shownFigures(logPartition, effectiveSampleSize, headShare, choice);
  expect(found).toEqual({ best: ids[0], shown });
  expect(defaultsWith([tries], without)).not.toEqual([found]);
});
