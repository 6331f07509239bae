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
const { queries, kindCount } = askedByStandIns(standIns, DIM);
const asked = rowsOf(queries);

test("stand-ins are left as they are, and always make the same queries", () => {
  expect(standIns).toEqual(before);
  expect(askedByStandIns(standIns, DIM)).toEqual({ queries, kindCount: 3 });
  expect(asked[0]).toEqual(new Float32Array(DIM));
});

test("a third lies half in the space of the rows, a third is ten times as long, a third has directions of its own", () => {
  const scales = [1, 10, 10];
  const added = rowsOf(standIns).map((standIn, i) => {
    const kind = i % kindCount;
    const inRows = kind === 2 ? 0 : 1;
    return (asked[i] as Float32Array).map(
      (value, d) => value / (scales[kind] as number) - inRows * (standIn[d] as number),
    );
  });
  for (const [i, standIn] of rowsOf(standIns).entries()) {
    if (i === 0) continue;
    const part = added[i] as Float32Array;
    expect(normOf(part) / normOf(standIn)).toBeCloseTo(1, 4);
    // Directions in 64 dimensions are nearly orthogonal to what they are independent of.
    expect(Math.abs(cosineOf(part, standIn))).toBeLessThan(0.55);
    if (i > 1) expect(Math.abs(cosineOf(part, added[i - 1] as Float32Array))).toBeLessThan(0.55);
  }
});

test("queries are counted by kind", () => {
  expect(queryCountsOf(256, 3)).toEqual([86, 85, 85]);
  expect(queryCountsOf(1, 3)).toEqual([1, 0, 0]);
  expect(queryCountsOf(0, 3)).toEqual([0, 0, 0]);
  expect(queryCountsOf(7, 1)).toEqual([7]);
});
