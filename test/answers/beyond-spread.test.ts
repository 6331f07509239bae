import { describe, expect, test } from "vitest";
import type { OpenedIndex } from "../../src/memory/opened-index.ts";
import { PartedIndex, partOf } from "../../src/parts/index.ts";
import type { BuildOptions } from "../../src/train/index.ts";
import { buildIndex } from "../fixtures/build-index.ts";
import { type Open, open } from "../fixtures/open.ts";

import { randomRows } from "../train/rows.ts";

// Tails whose spread is beyond the limit of the calibration: no estimate has a bar, so what the library chooses is all rows.

const [ROWS, DIM] = [34_000, 8];
const query = randomRows(DIM, 6).map((value) => value / 2);
const WITHOUT_BAR = { standardError: Number.POSITIVE_INFINITY, calibrated: false, lowEss: true };

const opens = async (options: BuildOptions = {}): Promise<Open> => {
  const table = { data: randomRows(ROWS * DIM, 5), shape: [ROWS, DIM] } as const;
  return open(await buildIndex(table, { bits: 3, calibrate: "off", ...options }), { maxScan: 2 ** 16 });
};
const { index, opened } = await opens();

/** Answers with a limit of spreads, or without one. */
function limited<T>(spreadLimit: number, answer: () => T, of: OpenedIndex = opened): T {
  const { errorBars } = of;
  of.errorBars = { ...errorBars, isCalibrated: true, spreadLimit };
  try {
    return answer();
  } finally {
    of.errorBars = errorBars;
  }
}

const NONE = 2 ** 40;

describe("with a tail beyond the limit of spreads", () => {
  test("the answer of a named head is the same, without a bar", () => {
    const call = { scan: 1024, seed: 1 };
    const found = limited(NONE, () => index.predict(query, 5, call));
    expect(found).toMatchObject({ calibrated: true });
    expect(limited(1e-6, () => index.predict(query, 5, call))).toEqual({ ...found, ...WITHOUT_BAR });
  });

  test("a default answer looks at one head, draws nothing and then reads all rows", () => {
    expect(limited(NONE, () => index.predict(query, 5, { seed: 1 })).scored).toBeLessThan(ROWS);
    const { choice, scored, ...found } = limited(1e-6, () => index.predict(query, 5, { seed: 1 }));
    const first = limited(1e-6, () => index.predict(query, 5, { scan: 1024, draws: 0, seed: 1 }));
    const { scored: all, ...exact } = index.predict(query, 5, { exact: true, seed: 1 });
    expect(found).toEqual(exact);
    expect(choice).toMatchObject({ exact: true, draws: 0 });
    expect(scored).toBe(first.scored + all);
  });

  test("so does auto, without a draw", () => {
    const call = { scan: "auto", targetError: 0.1, seed: 1 } as const;
    expect(limited(NONE, () => index.predict(query, 5, call)).scored).toBeLessThan(ROWS);
    const { choice, scored, standardError } = limited(1e-6, () => index.predict(query, 5, call));
    expect({ isExact: choice?.exact, standardError }).toEqual({ isExact: true, standardError: 0 });
    const head = limited(1e-6, () => index.predict(query, 5, { scan: 1024, draws: 0, seed: 1 }));
    expect(scored).toBe(head.scored + ROWS);
  });

  test("so does decode where the mass of all classes decides", async () => {
    // Rows of 16 bits with fine codes are not scanned at once, so heads are used.
    const coded = await opens({ rowType: "f16", fineCodes: true });
    const call = { topP: 0.9, seed: 1 };
    const { decided, scored } = limited(1e-6, () => coded.index.decode(query, call), coded.opened);
    expect(decided).toBe("exact");
    const head = limited(1e-6, () => coded.index.predict(query, 5, { scan: 1024, seed: 1 }), coded.opened);
    expect(scored - head.scored).toBeLessThanOrEqual(ROWS);
    expect(limited(NONE, () => coded.index.decode(query, call), coded.opened).scored).toBeGreaterThan(scored);
  });

  test("a part has no bar, nor has the merged answer, whatever the bars of the manifest", async () => {
    const call = { scan: 1024, draws: 100, seed: 1 };
    const parts = [partOf(index, { number: 0 })];
    const alone = limited(1e-6, () => index.predict(query, 5, call));
    const calibration = { estimator: "dispersion-5", factor: 1, limit: NONE };
    const { errorBars } = opened;
    opened.errorBars = { ...errorBars, isCalibrated: true, spreadLimit: 1e-6 };
    expect(await new PartedIndex(parts).predict(query, 5, call)).toEqual(alone);
    const other = await open(
      await buildIndex({ data: randomRows(3000 * DIM, 7), shape: [3000, DIM] }, { bits: 3, calibrate: "off" }),
    );
    const both = new PartedIndex([...parts, partOf(other.index, { number: 1 })], { calibration });
    expect(await both.predict(query, 5, call)).toMatchObject(WITHOUT_BAR);
    opened.errorBars = errorBars;
    expect((await both.predict(query, 5, call)).standardError).toBeLessThan(1);
  });
});
