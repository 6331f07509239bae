import { expect, test } from "vitest";
import { strayed } from "../../src/train/stand-ins/strayed.ts";
import { randomRows } from "./rows.ts";

const DIM = 64;
const normOf = (values: Float32Array): number => Math.hypot(...values);
const rowsOf = (values: Float32Array): Float32Array[] =>
  Array.from({ length: values.length / DIM }, (_, i) => values.subarray(i * DIM, (i + 1) * DIM));

test("strayed queries are the queries, and as much again in directions of their own", () => {
  const queries = randomRows(50 * DIM, 3);
  queries.fill(0, 0, DIM); // a query of a table whose rows are all alike
  const before = queries.slice();
  const result = strayed(queries, DIM);
  expect(queries).toEqual(before);
  expect(strayed(queries, DIM)).toEqual(result);
  const added = result.map((value, i) => value - (queries[i] as number));
  const directions = rowsOf(added).map((part) => part.map((value) => value / normOf(part)));
  for (const [i, query] of rowsOf(queries).entries()) {
    const part = rowsOf(added)[i] as Float32Array;
    expect(normOf(part)).toBeCloseTo(normOf(query), 5);
    if (i === 0) continue;
    // Directions in 64 dimensions are nearly orthogonal to what they are independent of.
    const other = directions[i === 1 ? 2 : 1] as Float32Array;
    const cosineTo = (values: Float32Array): number =>
      values.reduce((sum, value, d) => sum + value * (directions[i]?.[d] as number), 0) / normOf(values);
    expect(Math.abs(cosineTo(query))).toBeLessThan(0.55);
    if (i > 2) expect(Math.abs(cosineTo(other))).toBeLessThan(0.55);
  }
});
