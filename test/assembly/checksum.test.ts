import { expect, test } from "vitest";
import xxhash from "xxhash-wasm";
import { Arena } from "../fixtures/arena.ts";
import { describeKernels, type Kernels } from "../fixtures/kernels.ts";
import { reference } from "../reference/index.ts";

const SEEDS = [0n, 1n, 0x9e3779b97f4a7c15n, 2n ** 63n, 2n ** 64n - 1n];
const oracle = await xxhash();

/** Bytes of all values, the same in every run. */
const BYTES = Uint8Array.from({ length: 1_000_003 }, (_, i) => Math.imul(i + 1, 0x9e3779b1) >>> 24);

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);

/**
 * Published values. The empty input is from the specification's own tests, the others are from the manual of xxHash's
 * command line.
 */
const KNOWN = [
  { text: "", hash: 0xef46db3751d8e999n },
  { text: "a", hash: 0xd24ec4f1a98c6e5bn },
  { text: "abc", hash: 0x44bc2cf5ad770999n },
];

test.each(KNOWN)("the reference gives the published hash of '$text'", ({ text, hash }) => {
  expect(reference.xxh64(ascii(text), 0n)).toBe(hash);
});

test.each(SEEDS)("the reference equals xxhash-wasm for every length to 100 and seed %s", (seed) => {
  for (let length = 0; length <= 100; length++) {
    const bytes = BYTES.subarray(length, 2 * length);
    expect(reference.xxh64(bytes, seed), `${length} bytes`).toBe(oracle.h64Raw(bytes, seed));
  }
});

describeKernels("xxh64", (kernels) => {
  test.each(KNOWN)("gives the published hash of '$text'", ({ text, hash }) => {
    expect(xxh64(kernels, new Arena(kernels).putLast(ascii(text)), text.length, 0n)).toBe(hash);
  });

  test.each(SEEDS)("equals the reference for every length to 100 at the end of memory, seed %s", (seed) => {
    for (let length = 0; length <= 100; length++) {
      const bytes = BYTES.subarray(length, 2 * length);
      const address = new Arena(kernels).putLast(bytes);
      expect(xxh64(kernels, address, length, seed), `${length} bytes`).toBe(reference.xxh64(bytes, seed));
    }
  });

  test("does not depend on the alignment of the bytes", () => {
    const bytes = BYTES.subarray(0, 77);
    const address = new Arena(kernels).take(77 + 16);
    for (let shift = 0; shift < 16; shift++) {
      new Uint8Array(kernels.memory.buffer).set(bytes, address + shift);
      expect(xxh64(kernels, address + shift, 77, 5n), `shift ${shift}`).toBe(oracle.h64Raw(bytes, 5n));
    }
  });

  test("equals xxhash-wasm on a million bytes", () => {
    const arena = new Arena(kernels);
    expect(xxh64(kernels, arena.put(BYTES), BYTES.length, 42n)).toBe(oracle.h64Raw(BYTES, 42n));
    expect(arena.strayWrites()).toEqual([]);
  });

  test("sees the change of any single bit of 100 bytes", () => {
    const bytes = BYTES.slice(0, 100);
    const address = new Arena(kernels).put(bytes);
    const stored = new Uint8Array(kernels.memory.buffer, address, 100);
    const hashes = new Set([xxh64(kernels, address, 100, 0n)]);
    for (let bit = 0; bit < 800; bit++) {
      stored.set(bytes);
      stored[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7));
      hashes.add(xxh64(kernels, address, 100, 0n));
    }
    expect(hashes.size).toBe(801);
  });
});

/** Returns the hash as an unsigned number; the raw export returns a signed one. */
function xxh64(kernels: Kernels, address: number, byteCount: number, seed: bigint): bigint {
  return BigInt.asUintN(64, kernels.xxh64(address, byteCount, seed));
}
