import { describe, expect, test } from "vitest";
import { MOST_TIMES, timesOfAll } from "../../src/answers/next-effort.ts";
import { buildIndex } from "../fixtures/build-index.ts";
import { open } from "../fixtures/open.ts";
import { randomRows } from "../train/rows.ts";

// A default answer reads all rows in place of an estimate where these cost little.

const DIM = 8;
const DEFAULT = { scan: 1024, draws: 100 };
const query = randomRows(DIM, 6).map((value) => value / 4);

const opens = async (rows: number) =>
  open(await buildIndex({ data: randomRows(rows * DIM, 5), shape: [rows, DIM] }, { bits: 3, calibrate: "off" }));

describe("all rows are read at once", () => {
  test("where they cost no more than the estimate, for all estimates whose effort is left to the library", async () => {
    const { index } = await opens(2000);
    for (const options of [{}, { temperature: 0.7 }, { exclude: [7, 9] }, { bias: { ids: [3], values: [2] } }]) {
      const { choice, ...found } = index.predict(query, 5, { ...options, seed: 1 });
      expect(choice).toMatchObject({ draws: 0, exact: true });
      expect(found).toEqual(index.predict(query, 5, { ...options, exact: true, seed: 1 }));
    }
    const { lower, upper, choice } = index.logPartition(query, { seed: 1 });
    expect(choice?.exact).toBe(true);
    expect(upper - lower).toBeLessThan(0.01);
    expect(index.logProbability(query, [3], { seed: 1 }).choice?.exact).toBe(true);
    const one = index.predict(query, 5, { seed: 1 });
    expect(index.predict(Float32Array.of(...query, ...query), 5, { batch: 2, seed: 1 })).toEqual([one, one]);
  });

  test("not for an effort that the caller names, nor where an estimate costs less", async () => {
    const [{ index: small }, { index: larger }] = [await opens(2000), await opens(9000)];
    expect(small.predict(query, 5, { scan: 1024, seed: 1 }).choice).toBeUndefined();
    expect(larger.predict(query, 5, { seed: 1 }).choice).toBeUndefined();
    expect(larger.predict(query, 5, { draws: 400, seed: 1 }).choice).toMatchObject({ draws: 0, exact: true });
  });

  test.each([{ spread: 1.25 }, { spreadLimit: 1e9 }])(
    "up to three times its cost where queries may point at single rows: %o",
    async (found) => {
      for (const [rows, isRead] of [
        [26_000, true],
        [33_000, false],
      ] as const) {
        const { index, opened } = await opens(rows);
        expect(timesOfAll(opened.header.facts, DEFAULT) <= MOST_TIMES).toBe(isRead);
        const isExact = (draws = 100) => index.predict(query, 5, { draws, seed: 1 }).standardError === 0;
        expect(isExact()).toBe(false);
        opened.errorBars = { ...opened.errorBars, ...found };
        expect(isExact()).toBe(isRead);
        // Fewer draws miss no fewer single classes.
        expect(timesOfAll(opened.header.facts, { scan: 1024, draws: 20 })).toBeGreaterThan(MOST_TIMES);
        expect(isExact(20)).toBe(isRead);
        expect(index.predict(query, 5, { scan: "auto", targetError: 0.1, seed: 1 }).choice?.exact).toBe(isRead);
      }
    },
  );
});
