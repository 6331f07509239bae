import { expect, test } from "vitest";
import { Arena } from "../fixtures/arena.ts";
import { describeKernels } from "../fixtures/kernels.ts";
import { reference } from "../reference/index.ts";
import { randomRows } from "../train/rows.ts";

describeKernels("maxOf", (kernels) => {
  test("finds the largest at every place, with smaller padding, at the end of memory", () => {
    for (const count of [1, 2, 3, 4, 5, 8, 9, 31]) {
      for (let at = 0; at < count; at++) {
        const values = randomRows(count, count).map((value) => value - 3);
        values[at] = -1.5;
        const padded = new Float32Array(Math.ceil(count / 4) * 4).fill(Number.NEGATIVE_INFINITY);
        padded.set(values);
        const address = new Arena(kernels).putLast(padded);
        expect(kernels.maxOf(address, count)).toBe(reference.maxOf(values));
        expect(reference.maxOf(values)).toBe(-1.5);
      }
    }
  });
});
