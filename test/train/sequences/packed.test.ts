import { expect, test } from "vitest";
import { pack } from "../../../src/train/sequences/packed.ts";

const sequences = (...ids: number[]) => ({
  offsets: Uint32Array.of(0, ids.length),
  ids: Int32Array.from(ids),
  itemCount: 10,
});

test("windows of several lengths are packed by step and by window", () => {
  const batch = [
    { first: 0, length: 3 },
    { first: 4, length: 2 },
    { first: 7, length: 1 },
  ];
  expect(pack(sequences(0, 1, 2, 3, 4, 5, 6, 7, 8), batch)).toEqual({
    counts: Int32Array.of(3, 2, 1),
    inputs: Int32Array.of(0, 4, 7, 1, 5, 2),
    targets: Int32Array.of(1, 2, 3, 5, 6, 8),
    byWindow: Int32Array.of(0, 3, 5, 1, 4, 2),
    byStep: Int32Array.of(0, 3, 5, 1, 4, 2),
  });
});

test("the time of a window grows with its length, not with the square of it", () => {
  const began = performance.now();
  const { inputs } = pack(sequences(...new Array<number>(100_001).fill(1)), [{ first: 0, length: 100_000 }]);
  expect(inputs).toHaveLength(100_000);
  expect(performance.now() - began).toBeLessThan(5000); // 20 ms; the square would take half a minute
});
