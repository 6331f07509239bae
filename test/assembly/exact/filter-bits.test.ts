import { expect, test } from "vitest";
import { Arena } from "../../fixtures/arena.ts";
import { describeKernels } from "../../fixtures/kernels.ts";
import { anyCodes } from "../../fixtures/tiny-index.ts";
import { reference } from "../../reference/index.ts";

/** The numbers of the bits that are 1. */
const setOf = (bytes: Uint8Array): Set<number> =>
  new Set(
    Array.from({ length: 8 * bytes.length }, (_, i) => i).filter((i) => ((bytes[i >> 3] as number) >> (i & 7)) & 1),
  );

const LENGTHS = [0, 8, 16, 24, 64, 200];
const FILLS: Record<string, (length: number, seed: number) => Uint8Array> = {
  "no bit": (length) => new Uint8Array(length),
  "all bits": (length) => new Uint8Array(length).fill(0xff),
  "any bits": (length, seed) => Uint8Array.from(anyCodes(length, 255, seed)),
};

describeKernels("bits of filters", (kernels) => {
  test.each(Object.entries(FILLS))("countBits counts those that are set: %s", (_, fill) => {
    for (const length of LENGTHS) {
      const bytes = fill(length, 3);
      const arena = new Arena(kernels);
      expect(kernels.countBits(arena.put(bytes), length), `${length} bytes`).toBe(reference.countBits(bytes));
    }
  });

  test.each(Object.entries(FILLS))("filterDistance counts those in which two filters differ: %s", (_, fill) => {
    for (const length of LENGTHS) {
      const [a, b] = [fill(length, 5), FILLS["any bits"]?.(length, 8) as Uint8Array];
      const arena = new Arena(kernels);
      const [atA, atB] = [arena.put(a), arena.put(b)];
      const distance = reference.filterDistance(setOf(a), setOf(b));
      expect(kernels.filterDistance(atA, atB, length), `${length} bytes`).toBe(distance);
    }
  });
});
