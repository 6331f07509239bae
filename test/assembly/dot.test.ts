import { describe, expect, test } from "vitest";
import { Arena } from "../fixtures/arena.ts";
import { describeKernels, type Kernels } from "../fixtures/kernels.ts";
import { padRows } from "../fixtures/tiny-index.ts";
import { reference } from "../reference/index.ts";
import { integerRows, randomRows } from "../train/rows.ts";

const DIMS = [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 64, 129];
const COUNTS = [0, 1, 2, 3, 4, 5, 8, 9];

/** f32's unit roundoff. */
const U = 2 ** -24;

/**
 * The number of roundings of a value in ⟨q, r⟩: its product, the additions of its lane without the first, and two of
 * lanes.
 */
const roundings = (dim: number): number => 1 + (Math.ceil(dim / 4) - 1) + 2;

describe("the reference of dotRows", () => {
  test("is within (⌈D/4⌉ + 2) u Σ|q r| of the inner product in f64", () => {
    for (const dim of DIMS) {
      const query = randomRows(dim, 1);
      const rows = randomRows(dim * 20, 2);
      for (const [i, dot] of reference.dotRows(query, rows, 20).entries()) {
        const products = query.map((value, d) => Math.abs(value * (rows[i * dim + d] as number)));
        const bound = roundings(dim) * U * products.reduce((sum, value) => sum + value, 0) * (1 + 1e-5);
        expect(Math.abs(dot - exactDot(query, rows, i)), `D = ${dim}`).toBeLessThanOrEqual(bound);
      }
    }
  });
});

describeKernels("dotRows", (kernels) => {
  test.each(DIMS)("equals the reference bit for bit, D = %d", (dim) => {
    const query = randomRows(dim, 3);
    for (const count of COUNTS) {
      const rows = randomRows(dim * count, 4 + count);
      expect(dotRows(kernels, query, rows, count)).toEqual(reference.dotRows(query, rows, count));
    }
  });

  test("is exact on integers", () => {
    for (const dim of DIMS) {
      const query = integerRows(dim, 5);
      const rows = integerRows(dim * 9, 6);
      const expected = Float32Array.from({ length: 9 }, (_, i) => exactDot(query, rows, i));
      expect(dotRows(kernels, query, rows, 9), `D = ${dim}`).toEqual(expected);
    }
  });

  test("adds each lane from the front, and lanes as (0 + 2) + (1 + 3)", () => {
    const large = 2 ** 24; // 1 is lost beside it
    const ones = new Float32Array(8).fill(1);
    const sumOf = (...row: number[]) => dotRows(kernels, ones, Float32Array.from(row), 1)[0];
    expect(sumOf(large, 1, -large, 1, 0, 0, 0, 0)).toBe(2); // any other order of the lanes loses a 1
    expect(sumOf(1, large, 1, -large, 0, 0, 0, 0)).toBe(2);
    expect(sumOf(large, 0, 0, 0, 1, 0, -large, 0)).toBe(0); // lane 0 is summed before lane 2 joins
    expect(sumOf(1, 0, large, 0, 0, 0, -large, 0)).toBe(1);
  });

  test("repeats the last row in the surplus of `out`, and writes nothing behind it", () => {
    const rows = randomRows(9 * 8, 7);
    for (const count of COUNTS) {
      const arena = new Arena(kernels);
      const out = arena.take(4 * 4 * Math.ceil(count / 4));
      kernels.dotRows(arena.put(randomRows(8, 8)), arena.putLast(rows.subarray(0, 8 * count)), count, 32, out);
      expect(arena.strayWrites()).toEqual([]);
      const written = arena.read(Float32Array, out, 4 * Math.ceil(count / 4));
      expect(written.subarray(count)).toEqual(written.subarray(count).fill(written[count - 1] ?? 0));
    }
  });
});

/** Scores rows that are padded to whole vectors, with the last row at the end of memory. */
function dotRows(kernels: Kernels, query: Float32Array, rows: Float32Array, count: number): Float32Array {
  const arena = new Arena(kernels);
  const dim = query.length;
  const stride = 4 * Math.ceil(dim / 4);
  const out = arena.take(16 * Math.ceil(count / 4));
  const queryPtr = arena.put(padRows(query, 1, dim, stride));
  kernels.dotRows(queryPtr, arena.putLast(padRows(rows, count, dim, stride)), count, 4 * stride, out);
  return arena.read(Float32Array, out, count);
}

function exactDot(query: Float32Array, rows: Float32Array, row: number): number {
  return query.reduce((sum, value, d) => sum + value * (rows[row * query.length + d] as number), 0);
}
