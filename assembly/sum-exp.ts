import { exp4 } from "./exp";
import { sumLanes } from "./lanes";

/** The number of values that are summed in f32 before the sum is added to an f64. */
const SUM_BLOCK = 256;

/**
 * Returns the sum of e^((values[i] - shift) · scale) over `count` f32 values: in f32 within blocks of 256 values, in
 * f64 across blocks. O(count). Values are read up to `count` rounded up to 4, and those beyond `count` must be
 * -Infinity to add next to nothing.
 */
export function sumExp(values: usize, count: i32, shift: f32, scale: f32): f64 {
  const shifts = f32x4.splat(shift), scales = f32x4.splat(scale);
  let total: f64 = 0;
  for (let i = 0; i < count; i += SUM_BLOCK) {
    let sum = f32x4.splat(0);
    const end = values + (<usize>min(i + SUM_BLOCK, count) << 2);
    for (let p = values + (<usize>i << 2); p < end; p += 16) {
      sum = f32x4.add(sum, exp4(f32x4.mul(f32x4.sub(v128.load(p), shifts), scales)));
    }
    total += <f64>sumLanes(sum);
  }
  return total;
}
