import { PURPOSE, uniforms } from "../../src/train/random/uniforms.ts";

/** Returns seeded numbers in [−1, 1) for test inputs, f32 (count). */
export function randomRows(count: number, seed: number): Float32Array {
  const uniform = uniforms({ seed: BigInt(seed), purpose: PURPOSE.sample, codebook: 3, restart: 0 });
  return Float32Array.from({ length: count }, (_, i) => 2 * uniform(i) - 1);
}

/** Returns seeded integers in −4 … 4. Sums of their products are exact in f32. */
export function integerRows(count: number, seed: number): Float32Array {
  return randomRows(count, seed).map((value) => Math.floor(value * 4.5 + 0.5));
}

/** Returns seeded codes below `codewordCount`. */
export function randomCodes(count: number, codewordCount: number, seed: number): Uint16Array {
  return Uint16Array.from(randomRows(count, seed), (value) => Math.floor(((value + 1) / 2) * codewordCount));
}
