import { beforeAll, describe, expect, test } from "vitest";
import type { MultiIndex } from "../../src/index.ts";
import { PartedIndex, partOf } from "../../src/parts/index.ts";
import { buildIndex } from "../fixtures/build-index.ts";
import { open } from "../fixtures/open.ts";
import { randomRows } from "../train/rows.ts";

const [ITEMS, DIM, LENGTH] = [4000, 32, 40];
const data = randomRows(ITEMS * DIM, 1);
/** A query that points at the row of a class, so that this class has nearly all of Z. */
const queryAt = (id: number): Float32Array => {
  const row = data.slice(id * DIM, (id + 1) * DIM);
  const scale = LENGTH / Math.hypot(...row);
  return row.map((value) => scale * value);
};
/** An effort with which the head lacks the class. */
const EFFORT = { scan: 1, draws: 4, seed: 1 };

describe("named classes with more mass than an estimate of Z", () => {
  let index: MultiIndex;
  let missed: number[];
  beforeAll(async () => {
    const built = await buildIndex({ data, shape: [ITEMS, DIM] }, { bits: 2, seed: 1, calibrate: "off" });
    ({ index } = await open(built));
    const isMissed = (id: number): boolean => !index.predict(queryAt(id), 1, EFFORT).ids.includes(id);
    missed = Array.from({ length: 40 }, (_, i) => 100 * i).filter(isMissed);
  });

  test("have a probability of at most 1, and correct the estimate", () => {
    expect(missed.length).toBeGreaterThan(10);
    let corrected = 0;
    for (const id of missed) {
      const query = queryAt(id);
      const { logProbabilities, logPartition, lowEss } = index.logProbability(query, [id, id], EFFORT);
      expect(logProbabilities[1]).toBe(logProbabilities[0]);
      expect(logProbabilities[0]).toBeLessThan(0.0005);
      const first = index.logPartition(query, EFFORT);
      if (logPartition === first.logPartition) continue;
      expect(logPartition).toBeCloseTo((index.score(query, [id]) as Float32Array)[0] as number, 3);
      expect(lowEss).toBe(true);
      corrected++;
    }
    expect(corrected).toBeGreaterThan(10);
  });

  test("count with their masses under a temperature, and together", () => {
    const id = missed[0] as number;
    const ids = Array.from({ length: ITEMS }, (_, i) => i);
    const options = { ...EFFORT, temperature: 4, exclude: [0, 1] };
    const { logProbabilities } = index.logProbability(queryAt(id), ids, options);
    const sum = logProbabilities.reduce((total, log) => total + Math.exp(log), 0);
    expect(sum).toBeLessThan(1.0006);
    expect(logProbabilities[1]).toBe(Number.NEGATIVE_INFINITY);
  });

  test("within the interval of the estimate, they leave its error as it is", () => {
    const all = Array.from({ length: ITEMS }, (_, i) => i);
    let [within, as] = [0, 0];
    for (let seed = 0; seed < 40; seed++) {
      const query = randomRows(DIM, 100 + seed).map((value) => 0.2 * value);
      const options = { scan: 256, draws: 200, seed };
      const first = index.logPartition(query, options);
      const { logPartition, standardError, lowEss } = index.logProbability(query, all, options);
      if (logPartition === first.logPartition) {
        as++;
        continue;
      }
      const isWithin = logPartition - first.logPartition <= 1.96 * first.standardError;
      if (isWithin) expect([standardError, lowEss]).toEqual([first.standardError, first.lowEss]);
      within += Number(isWithin);
    }
    expect(Math.min(within, as)).toBeGreaterThan(5);
  });

  test("leave an exact answer as it is, and one with few of the classes", () => {
    const query = queryAt(missed[0] as number);
    const exact = index.logProbability(query, [missed[0] as number], { exact: true });
    expect(exact.logPartition).toBe(index.logPartition(query, { exact: true }).logPartition);
    const none = index.logProbability(query, [], EFFORT);
    expect(none.logPartition).toBe(index.logPartition(query, EFFORT).logPartition);
  });

  test("over parts they correct the merged estimate", async () => {
    const parted = new PartedIndex([partOf(index, { number: 0 })]);
    for (const id of missed.slice(0, 5)) {
      expect(await parted.logProbability(queryAt(id), [id, 7], EFFORT)).toEqual(
        index.logProbability(queryAt(id), [id, 7], EFFORT),
      );
    }
  });
});
