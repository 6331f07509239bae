import { expect, test } from "vitest";
import { Arena } from "../fixtures/arena.ts";
import { describeKernels, type Kernels } from "../fixtures/kernels.ts";
import { reference } from "../reference/index.ts";

/** Known answers of Random123 (kat_vectors, philox4x32 with 10 rounds). */
const KNOWN = [
  {
    key: [0, 0],
    counter: [0, 0, 0, 0],
    words: [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
  },
  {
    key: [0xffffffff, 0xffffffff],
    counter: [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
    words: [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
  },
  {
    key: [0xa4093822, 0x299f31d0],
    counter: [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    words: [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  },
];

test.each(KNOWN)("the reference gives the published words for counter $counter", ({ key, counter, words }) => {
  expect(Array.from(reference.philox(Uint32Array.from(key), Uint32Array.from(counter)))).toEqual(words);
});

describeKernels("philox", (kernels) => {
  test.each(KNOWN)("gives the published words for counter $counter", ({ key, counter, words }) => {
    expect(Array.from(philox(kernels, Uint32Array.from(key), Uint32Array.from(counter)))).toEqual(words);
  });

  test("equals the reference along a chain of 200 keys and counters", () => {
    let key: Uint32Array = Uint32Array.of(1, 2);
    let counter: Uint32Array = Uint32Array.of(3, 4, 5, 6);
    for (let i = 0; i < 200; i++) {
      const words = philox(kernels, key, counter);
      expect(words).toEqual(reference.philox(key, counter));
      key = words.slice(2);
      counter = words;
    }
  });

  test("writes 16 bytes and nothing else, and leaves key and counter as they were", () => {
    const arena = new Arena(kernels);
    const key = arena.put(Uint32Array.of(7, 8));
    const counter = arena.put(Uint32Array.of(9, 10, 11, 12));
    const out = arena.putLast(new Uint32Array(4));
    kernels.philox(key, counter, out);
    expect(arena.read(Uint32Array, key, 2)).toEqual(Uint32Array.of(7, 8));
    expect(arena.read(Uint32Array, counter, 4)).toEqual(Uint32Array.of(9, 10, 11, 12));
    expect(arena.strayWrites()).toEqual([]);
  });
});

function philox(kernels: Kernels, key: Uint32Array, counter: Uint32Array): Uint32Array {
  const arena = new Arena(kernels);
  const out = arena.take(16);
  kernels.philox(arena.put(key), arena.put(counter), out);
  return arena.read(Uint32Array, out, 4);
}
