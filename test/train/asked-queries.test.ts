import { expect, test } from "vitest";
import { askedByStandIns } from "../../src/train/recall/asked-queries.ts";
import { queryCountsOf } from "../../src/train/recall/recall-settings.ts";
import { randomRows } from "./rows.ts";

const DIM = 64;
const COUNT = 60;
const normOf = (values: Float32Array): number => Math.hypot(...values);
const rowsOf = (values: Float32Array): Float32Array[] =>
  Array.from({ length: values.length / DIM }, (_, i) => values.subarray(i * DIM, (i + 1) * DIM));

const cosineOf = (a: Float32Array, b: Float32Array): number =>
  a.reduce((sum, value, d) => sum + value * (b[d] as number), 0) / normOf(a) / normOf(b);

const standIns = randomRows(COUNT * DIM, 3);
standIns.fill(0, 0, DIM); // a stand-in of a table whose rows are all alike
const before = standIns.slice();
const mean = new Float32Array(DIM).fill(1 / Math.sqrt(DIM));
const rows = randomRows(COUNT * DIM, 4);
const { queries, kindCount } = askedByStandIns({ queries: standIns, mean, rows });
const asked = rowsOf(queries);

test("stand-ins are left as they are, and always make the same queries", () => {
  expect(standIns).toEqual(before);
  expect(askedByStandIns({ queries: standIns, mean, rows })).toEqual({ queries, kindCount: 6 });
  expect(asked[0]).toEqual(new Float32Array(DIM));
});

test("one of six is a row of the table, as it is", () => {
  for (const [i, row] of rowsOf(rows).entries()) if (i % kindCount === 5) expect(asked[i]).toEqual(row);
});

test("other kinds lie half in the space of the rows, are ten times as long, and have directions of their own or in common", () => {
  const scales = [1, 10, 10, 10, 10];
  const inCommon = [0, 0, 0, 2, -2];
  const added = rowsOf(standIns).map((standIn, i) => {
    const kind = i % kindCount;
    if (kind === 5) return standIn;
    const inRows = kind < 2 ? 1 : 0;
    const common = (inCommon[kind] as number) * normOf(standIn);
    return (asked[i] as Float32Array).map(
      (value, d) => value / (scales[kind] as number) - inRows * (standIn[d] as number) - common * (mean[d] as number),
    );
  });
  for (const [i, standIn] of rowsOf(standIns).entries()) {
    if (i === 0 || i % kindCount === 5) continue;
    const part = added[i] as Float32Array;
    expect(normOf(part) / normOf(standIn)).toBeCloseTo(1, 4);
    // Directions in 64 dimensions are nearly orthogonal to what they are independent of.
    expect(Math.abs(cosineOf(part, standIn))).toBeLessThan(0.55);
    if (i % kindCount > 0 && i > 1) expect(Math.abs(cosineOf(part, added[i - 1] as Float32Array))).toBeLessThan(0.55);
  }
});

test("queries are counted by kind", () => {
  expect(queryCountsOf(256, 3)).toEqual([86, 85, 85]);
  expect(queryCountsOf(1, 3)).toEqual([1, 0, 0]);
  expect(queryCountsOf(0, 3)).toEqual([0, 0, 0]);
  expect(queryCountsOf(7, 1)).toEqual([7]);
});
