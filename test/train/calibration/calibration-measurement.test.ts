import { describe, expect, it } from "vitest";
import { type Measured, measureAnswers } from "../../../src/train/calibration/calibration-measurement.ts";
import { cellsOf, type Grid } from "../../../src/train/calibration/grid.ts";
import { singleThread } from "../../../src/train/runtime/worker-pool.ts";
import { buildIndex } from "../../fixtures/build-index.ts";
import { BUILDS } from "../../fixtures/modules.ts";
import { open } from "../../fixtures/open.ts";
import { randomRows } from "../rows.ts";

const [ITEMS, DIM, QUERIES] = [1500, 6, 40];
const GRID: Grid = {
  temperatures: [0.3, 1, 2],
  scans: [0, 4096],
  draws: [20, 50],
  queryCount: 99,
  standIns: 9,
  sequences: 0,
  heldOutRows: 0,
  discriminants: 0,
};
const queries = randomRows(QUERIES * DIM, 8).map((value) => 3 * value);

describe.each([false, true])("with fine codes: %s", async (fineCodes) => {
  const file = await buildIndex(
    { data: randomRows(ITEMS * DIM, 3), shape: [ITEMS, DIM] },
    { bias: randomRows(ITEMS, 4), seed: 1, fineCodes },
  );
  const done: number[] = [];
  /** The first twenty queries again, each without a class. */
  const leftOut = Int32Array.from({ length: 20 }, (_, i) => (i * 71) % ITEMS);
  const [measured, without] = (await measureAnswers(
    singleThread({ modules: BUILDS.release }),
    {
      file,
      dim: DIM,
      asked: [
        { queries, grid: GRID, hasDefaults: true },
        { queries: queries.slice(0, 20 * DIM), leftOut, grid: GRID, hasDefaults: false },
      ],
    },
    async (count) => void done.push(count),
  )) as [Measured, Measured];
  const cells = cellsOf(GRID);
  const cellAt = (i: number) => cells[measured.cells[i] as number] as (typeof cells)[number];

  it("compares each answer with the exact log Z at its temperature", () => {
    expect(measured.errors).toHaveLength(QUERIES * cells.length);
    for (const [i, error] of measured.errors.entries()) {
      const { scan, temperature } = cellAt(i);
      expect(measured.queries[i]).toBe(Math.floor(i / cells.length));
      expect(GRID.temperatures[measured.temperatures[i] as number]).toBe(temperature);
      if (scan !== 4096) continue;
      expect(Math.abs(error)).toBeLessThan(1e-4); // the head has all classes
      expect(measured.bars[i]).toBe(0);
    }
  });

  it("has the answers of the library, with their bars", async () => {
    const { index } = await open(file, { maxScan: ITEMS });
    for (const i of [0, 1, 5, 60, 431]) {
      const query = queries.subarray(
        (measured.queries[i] as number) * DIM,
        ((measured.queries[i] as number) + 1) * DIM,
      );
      const { temperature, scan, draws } = cellAt(i);
      const options = { temperature, scan: Math.min(scan as number, ITEMS), draws, seed: measured.cells[i] as number };
      const { logPartition, standardError, modelError } = index.predict(query, 0, options);
      const exact = index.predict(query, 0, { exact: true, temperature });
      expect(measured.bars[i]).toBe(standardError);
      expect(measured.modelErrors[i]).toBe(modelError);
      expect(measured.errors[i]).toBeCloseTo(logPartition - exact.logPartition, 4);
    }
  });

  it("leaves classes out of answers and of the exact log Z, as exclude does", async () => {
    const { index } = await open(file, { maxScan: ITEMS });
    expect(without.errors).toHaveLength(leftOut.length * cells.length);
    for (const [i, error] of without.errors.entries()) {
      const { temperature, scan, draws } = cellAt(i);
      const row = without.queries[i] as number;
      const query = queries.subarray(row * DIM, (row + 1) * DIM);
      const options = { temperature, exclude: [leftOut[row] as number] };
      const sampled = { ...options, scan: Math.min(scan as number, ITEMS), draws, seed: without.cells[i] as number };
      const { logPartition, standardError } = index.predict(query, 0, sampled);
      expect(without.bars[i]).toBe(standardError);
      expect(error).toBeCloseTo(logPartition - index.predict(query, 0, { ...options, exact: true }).logPartition, 4);
    }
    expect(without.defaults).toEqual([]);
  });

  it("tells how many queries are done", () => {
    expect(done).toEqual([32, 40, 60]);
  });
});
