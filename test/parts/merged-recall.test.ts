import { describe, expect, test } from "vitest";
import { CURVE_KS, type RecallCurve } from "../../src/format/recall-curve.ts";
import { compileInlined } from "../../src/memory/compile-inlined.ts";
import { partOf } from "../../src/parts/loaded-part.ts";
import type { Part } from "../../src/parts/part.ts";
import { PartedIndex } from "../../src/parts/parted-index.ts";
import type { Question } from "../../src/parts/question.ts";
import { measureMergedRecall } from "../../src/train/recall/merged-recall.ts";
import { curvesOf } from "../../src/train/recall/recall-points.ts";
import { startYielding } from "../../src/train/runtime/event-loop.ts";
import { buildIndex } from "../fixtures/build-index.ts";
import { open } from "../fixtures/open.ts";
import { randomRows } from "../train/rows.ts";
import { clustered } from "./tables.ts";

const DIM = 16;
const [PARTS, ROWS] = [4, 600];
const QUERIES = 24;
const data = clustered(PARTS * ROWS, DIM, 21);
const queries = randomRows(QUERIES * DIM, 22);
const queryAt = (row: number): Float32Array => queries.slice(row * DIM, (row + 1) * DIM);

const settings = { bits: 3, fineCodes: true, calibrate: "off", seed: 1 } as const;
const files = await Promise.all(
  Array.from({ length: PARTS }, (_, part) => {
    const rows = data.slice(part * ROWS * DIM, (part + 1) * ROWS * DIM);
    return buildIndex({ data: rows, shape: [ROWS, DIM] }, settings);
  }),
);
const limits = { maxK: 2400, maxScan: 2400 };
const indexes = await Promise.all(files.map(async (file) => (await open(file, limits)).index));
const parts = indexes.map((index, number) => partOf(index, { number }));

const outliers = indexes.reduce((sum, { info }) => sum + info.outlierCount, 0);
const modules = await compileInlined();
const measured = files.map((file, part) => ({
  ...{ before: part * ROWS, classes: ROWS },
  use: <Result>(action: (bytes: Uint8Array<ArrayBuffer>) => Promise<Result>) => action(file),
}));
const yieldIfDue = startYielding(undefined);
const tally = await measureMergedRecall(measured, { modules, queries, kindCount: 1, dim: DIM, yieldIfDue });
const recallCurves = curvesOf(tally, "queries");

/** Counts what merged answers find of the k best classes, query by query. */
async function foundBy(parted: PartedIndex, k: number, options: object): Promise<number[]> {
  const found: number[] = [];
  for (let row = 0; row < QUERIES; row++) {
    const best = await parted.topK(queryAt(row), k, { exact: true });
    const least = best.scores.at(-1) as number;
    const { scores } = await parted.topK(queryAt(row), k, options);
    found.push(scores.filter((score) => score >= least).length);
  }
  return found;
}

describe("what is measured of merged answers", () => {
  test("is what a PartedIndex finds, for every setting", async () => {
    const parted = new PartedIndex(parts);
    const { scans, rescores } = tally;
    expect(scans).toEqual([1024, 1536, PARTS * ROWS]);
    let misses = 0;
    for (const [c, k] of CURVE_KS.entries()) {
      for (const [s, scan] of scans.entries()) {
        for (const [r, rescore] of rescores.entries()) {
          if (rescore < k) continue;
          const found = await foundBy(parted, k, { scan, rescore: PARTS * rescore });
          const at = (c * scans.length + s) * rescores.length + r;
          expect(tally.hits[at], `k ${k}, scan ${scan}, rescore ${rescore}`).toBe(found.reduce((sum, n) => sum + n, 0));
          expect(tally.squares[at]).toBe(found.reduce((sum, n) => sum + n * n, 0));
          misses += k * QUERIES - (tally.hits[at] as number);
        }
      }
    }
    expect(misses, "something is missed").toBeGreaterThan(50);
  });

  test("is at most k classes of an answer, where more of all parts are as good", async () => {
    const alike = await buildIndex({ data: queryAt(0), shape: [1, DIM] }, settings);
    const same = Array.from({ length: 12 }, (_, before) => ({
      ...{ before, classes: 1 },
      use: <Result>(action: (bytes: Uint8Array<ArrayBuffer>) => Promise<Result>) => action(alike),
    }));
    const asked = { modules, queries: queryAt(0), kindCount: 1, dim: DIM, yieldIfDue };
    expect(Array.from((await measureMergedRecall(same, asked)).hits)).toEqual([10, 12]);
  });

  test("does not follow from the curves of the parts", () => {
    for (const { points } of recallCurves) expect(points.length).toBeGreaterThan(1);
    const own = (indexes[0] as (typeof indexes)[number]).info.recallCurves;
    expect(own).not.toEqual(recallCurves);
  });
});

describe("recall of a PartedIndex with the curves", () => {
  const parted = new PartedIndex(parts, { recallCurves });

  test.each(CURVE_KS)("is what it promises at least, for each point of k = %d", async (k) => {
    const { points } = recallCurves.find((curve) => curve.k === k) as RecallCurve;
    for (const point of points) {
      const found = await foundBy(parted, k, { recall: point.recall });
      const recall = found.reduce((sum, n) => sum + n, 0) / (k * QUERIES);
      expect(recall).toBeGreaterThanOrEqual(point.recall);
      const { scored, exact } = await parted.topK(queryAt(0), k, { recall: point.recall });
      expect(exact).toBe(false);
      expect(scored, "each part scores its share").toBeLessThanOrEqual(point.rescore + outliers);
    }
  });

  test("is .95 by default, as of an index with curves, wherever the router of routers is", async () => {
    const { ids } = await parted.topK(queryAt(1), 10, { recall: 0.95 });
    expect((await parted.topK(queryAt(1), 10)).ids).toEqual(ids);
    expect(parted.info.hasRecallCurve).toBe(true);
    const question: Question = { call: "topK", query: queryAt(1), size: 10, ids: new Int32Array(0), options: {} };
    expect((await parted.answer(question)).top?.ids).toEqual(ids);
  });

  test("beyond the curves is exact", async () => {
    const { ids, exact } = await parted.topK(queryAt(2), 10, { recall: 1 });
    expect(exact).toBe(true);
    expect(ids).toEqual((await parted.topK(queryAt(2), 10, { exact: true })).ids);
  });

  test("leaves no answer short where few classes are allowed", async () => {
    const allow = Array.from({ length: 12 }, (_, i) => 200 * i);
    const exclude = Array.from({ length: PARTS * ROWS }, (_, id) => id).filter((id) => !allow.includes(id));
    const { ids } = await parted.topK(queryAt(3), 12, { recall: 0.5, exclude });
    expect(Array.from(ids).sort((a, b) => a - b)).toEqual(allow);
  });

  test("of one part alone goes by its own curves, bit for bit", async () => {
    const [part] = parts as [Part];
    const alone = new PartedIndex([part], { recallCurves });
    const own = (indexes[0] as (typeof indexes)[number]).topK(queryAt(4), 10, { recall: 0.9 });
    expect(await alone.topK(queryAt(4), 10, { recall: 0.9 })).toEqual(own);
  });
});

describe("bad input", () => {
  const point = { scan: 1024, rescore: 40, recall: 0.5 };
  test.each<[unknown, string]>([
    [7, '"recallCurves" expected an array of curves, got number'],
    [[null], '"recallCurves"[0].k expected an integer from 1 on, got undefined'],
    [
      [
        { k: 10, points: [point] },
        { k: 10, points: [] },
      ],
      '"recallCurves"[1].k expected an integer from 11 on, got 10',
    ],
    [[{ k: 10 }], '"recallCurves[0].points" expected an array of points, got undefined'],
    [
      [{ k: 10, points: [{ ...point, scan: 0 }] }],
      '"recallCurves"[0].points[0].scan expected a positive integer, got 0',
    ],
    [[{ k: 10, points: [{ ...point, rescore: 1.5 }] }], "points[0].rescore expected a positive integer, got 1.5"],
    [[{ k: 10, points: [point, point] }], "points[1].recall expected a number above 0.5, at most 1, got 0.5"],
  ])("%#", (curves, message) => {
    expect(() => new PartedIndex(parts, { recallCurves: curves as RecallCurve[] })).toThrow(message);
  });

  test("options and recalls", async () => {
    expect(() => new PartedIndex(parts, { recall: 1 } as object)).toThrow('"recall" is not an option of PartedIndex');
    const parted = new PartedIndex(parts, { recallCurves });
    await expect(parted.topK(queryAt(0), 3, { recall: 1.5 })).rejects.toThrow('"recall" expected 0 to 1, got 1.5');
    for (const none of [null, [], [{ k: 10, points: [] }]]) {
      const without = new PartedIndex(parts, { recallCurves: none });
      expect(await without.topK(queryAt(0), 3, { recall: 0.5 })).toEqual(
        await without.topK(queryAt(0), 3, { exact: true }),
      );
      await expect(without.topK(queryAt(0), 3, { recall: 1.5 })).rejects.toThrow('"recall" expected 0 to 1, got 1.5');
    }
  });
});
