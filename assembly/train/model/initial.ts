import { philoxInto } from "../../random";

const TO_UNIT: f32 = 1.1920928955078125e-7; // 2^-23

/**
 * Fills `out` with uniform numbers in [−most, most) of 24 bits. Number i is word i mod 4 of Philox at counter (⌊i / 4⌋,
 * purpose). O(count).
 *
 * out: f32 (count). words: room for u32 (4).
 */
export function fillUniform(out: usize, count: i32, most: f32, seed: u64, purpose: u32, words: usize): void {
  for (let i = 0; i < count; i++, out += 4) {
    if ((i & 3) == 0) philoxInto(seed, <u64>(i >> 2) | (<u64>purpose << 32), 0, words);
    const word = load<u32>(words + (<usize>(i & 3) << 2));
    store<f32>(out, most * (<f32>(word >> 8) * TO_UNIT - 1));
  }
}
