import { expect, test } from "vitest";
import { type Counter, philox4x32 } from "../../src/arithmetic/philox.ts";
import { PURPOSE, uniforms } from "../../src/train/random/uniforms.ts";

const ONES = 0xffffffff;

// Known-answer vectors of Random123 (kat_vectors, philox4x32 10).
test.each([
  { counter: [0, 0, 0, 0], key: [0, 0], words: [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8] },
  { counter: [ONES, ONES, ONES, ONES], key: [ONES, ONES], words: [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd] },
  {
    counter: [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    key: [0xa4093822, 0x299f31d0],
    words: [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  },
])("philox4x32 gives the published words for counter $counter", ({ counter, key, words }) => {
  const out = new Uint32Array(4);
  philox4x32(counter as Counter, key as [number, number], out);
  expect([...out]).toEqual(words);
});

const stream = { seed: 5n, purpose: PURPOSE.sample, codebook: 1, restart: 0 } as const;

test("uniforms are the same in any order", () => {
  const forwards = uniforms(stream);
  const backwards = uniforms(stream);
  const ascending = Array.from({ length: 9 }, (_, i) => forwards(i));
  const descending = Array.from({ length: 9 }, (_, i) => backwards(8 - i)).reverse();
  expect(ascending).toEqual(descending);
});

test("uniforms of another seed, purpose, codebook or restart share no number", () => {
  const streams = [
    stream,
    { ...stream, seed: 6n },
    { ...stream, seed: 5n + (1n << 32n) },
    { ...stream, purpose: PURPOSE.seedRows },
    { ...stream, codebook: 2 },
    { ...stream, restart: 1 },
  ];
  const drawn = streams.flatMap((each) => Array.from({ length: 50 }, (_, i) => uniforms(each)(i)));
  expect(new Set(drawn).size).toBe(300);
});

test("a seed counts modulo 2^64", () => {
  expect(uniforms({ ...stream, seed: -1n })(3)).toBe(uniforms({ ...stream, seed: (1n << 64n) - 1n })(3));
});

test("uniforms lie in [0, 1) with the mean and variance of a uniform", () => {
  const uniform = uniforms(stream);
  const count = 20000;
  const numbers = Array.from({ length: count }, (_, i) => uniform(i));
  const mean = numbers.reduce((sum, u) => sum + u, 0) / count;
  const variance = numbers.reduce((sum, u) => sum + (u - mean) ** 2, 0) / count;
  expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...numbers)).toBeLessThan(1);
  // Standard errors: √(1/12/n), √(1/180/n); five of each.
  expect(Math.abs(mean - 1 / 2)).toBeLessThan(5 * Math.sqrt(1 / 12 / count));
  expect(Math.abs(variance - 1 / 12)).toBeLessThan(5 * Math.sqrt(1 / 180 / count));
});
