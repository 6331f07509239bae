/**
 * The largest sum of |fixed-point values| at which an inner product with int8 values fits an i32. One is subtracted for
 * the rounding of each value.
 */
const SUM_LIMIT: f64 = 16909320; // floor((2^31 - 1) / 127)
const VALUE_LIMIT: f64 = 32767;

/**
 * Returns the factor that takes `dim` values to 16-bit fixed point, z~ = nearest(value · factor), with |z~| <= 32767 and 127 ·
 * Σ |z~| < 2^31. `largest` and `sum` are the largest of the magnitudes and their sum. 0 if all values are 0.
 */
export function fixedScale(largest: f64, sum: f64, dim: i32): f64 {
  return largest > 0 ? min(VALUE_LIMIT / largest, (SUM_LIMIT - <f64>dim) / sum) : 0;
}
