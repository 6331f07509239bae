import { philoxInto } from "../../random";

/** Tells in half-words which of eight values are kept: those whose half-word of Philox is below `most`. */
// @ts-ignore: decorator
@inline
export function keptOfEight(most: v128, seed: u64, block: u64, stream: u64, words: usize): v128 {
  philoxInto(seed, block, stream, words);
  return i16x8.lt_u(v128.load(words), most);
}

/** Multiplies eight values by a factor or by 0. */
// @ts-ignore: decorator
@inline
export function scaleKept(values: usize, isKept: v128, factor: v128): void {
  const low = v128.and(i32x4.extend_low_i16x8_s(isKept), factor);
  const high = v128.and(i32x4.extend_high_i16x8_s(isKept), factor);
  v128.store(values, f32x4.mul(v128.load(values), low));
  v128.store(values, f32x4.mul(v128.load(values, 16), high), 16);
}

/**
 * Multiplies each value by 65536 / kept or by 0: value i by the first if half-word i mod 8 of Philox at counter (⌊i /
 * 8⌋, stream) is below `kept`, so that its mean stays the same. The same arguments choose the same values, which the
 * backward pass relies on. O(count).
 *
 * values: f32 (count), with room up to a multiple of 8. kept is in 1 … 65,535. words: room for u32 (4).
 */
export function dropOut(values: usize, count: i32, kept: i32, seed: u64, stream: u64, words: usize): void {
  const most = i16x8.splat(<i16>kept), factor = f32x4.splat(<f32>65536 / <f32>kept);
  for (let block: u64 = 0, end = values + (<usize>count << 2); values < end; values += 32, block++) {
    scaleKept(values, keptOfEight(most, seed, block, stream, words), factor);
  }
}
