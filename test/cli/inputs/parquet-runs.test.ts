import { describe, expect, test } from "vitest";
import { checkIndices, checkRuns } from "../../../src/cli/inputs/parquet/runs.ts";

/** Encodes a number as unsigned LEB128. */
function varint(value: number): number[] {
  const bytes: number[] = [];
  let left = value;
  for (; left >= 128; left = Math.floor(left / 128)) bytes.push((left % 128) + 128);
  return [...bytes, left];
}
const equal = (count: number, ...value: number[]): number[] => [...varint(count * 2), ...value];
const packed = (groups: number, ...bytes: number[]): number[] => [...varint(groups * 2 + 1), ...bytes];
const check = (width: number, count: number, ...runs: number[][]) =>
  checkRuns(Uint8Array.from(runs.flat()), width, count);

describe("runs of a .parquet page", () => {
  test("may be as long as what is left, and padded where they are packed", () => {
    check(1, 100, equal(100, 1));
    check(3, 20, equal(12, 1), packed(1, 1, 2, 3));
    check(3, 9, packed(2, 1, 2, 3, 4, 5, 6));
    check(1, 3, packed(32, 7, ...new Array(31).fill(0)));
    check(12, 3, equal(3, 1, 2));
    check(1, 8, packed(1, 255), [200]);
    checkIndices(Uint8Array.from([2, ...equal(5, 3)]), 5);
    checkIndices(Uint8Array.from([0, ...equal(5)]), 5);
  });

  test.each([
    ["equal values", equal(101, 1)],
    ["equal values, 2^31 − 1 of them", equal(2 ** 31 - 1, 1)],
    ["packed values", packed(45, 1)],
    ["packed values, 2^31 of them", packed(2 ** 28, 1)],
  ])("may not be longer: %s", (_, run) => {
    expect(() => check(1, 100, run)).toThrow(/a run has \d+ values, but 100 are left \(parquet-pages/);
    expect(() => checkIndices(Uint8Array.from([1, ...run]), 100)).toThrow("parquet-pages");
    expect(() => checkIndices(Uint8Array.from([0, ...run]), 100)).toThrow("parquet-pages");
  });

  test("may not be longer all together", () => {
    expect(() => check(1, 100, equal(60, 1), equal(60, 1))).toThrow("but 40 are left");
  });

  test("of indices have a width that a number has", () => {
    expect(() => checkIndices(Uint8Array.from([33, ...equal(5, 3)]), 5)).toThrow("indices have 33 bits");
  });
});
