import { expect, test } from "vitest";
import xxhash from "xxhash-wasm";
import { xxh64 } from "../../src/arithmetic/xxh64.ts";

const SEEDS = [0n, 1n, 0x9e3779b97f4a7c15n, 2n ** 63n, 2n ** 64n - 1n];
const oracle = await xxhash();

/** Bytes that carry in every addition and product, and others. */
const CONTENTS: readonly (readonly [string, (i: number) => number])[] = [
  ["zeros", () => 0],
  ["ones", () => 255],
  ["sign bits", () => 128],
  ["all values", (i) => Math.imul(i + 1, 0x9e3779b1) >>> 24],
];

test.each(CONTENTS)("the XXH64 without WebAssembly is that of xxhash-wasm: %s", (_, byteAt) => {
  const bytes = Uint8Array.from({ length: 100_003 }, (_value, i) => byteAt(i));
  for (const seed of SEEDS) {
    for (let length = 0; length <= 200; length++) {
      const own = bytes.subarray(3, 3 + length); // at no multiple of four
      expect(xxh64(own, seed), `length ${length}`).toBe(oracle.h64Raw(own, seed));
    }
    expect(xxh64(bytes, seed)).toBe(oracle.h64Raw(bytes, seed));
  }
});
