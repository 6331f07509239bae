/** Returns Σ values², in f64 with two partial sums. values: f32 (count). O(count). */
export function sumOfSquares(values: usize, count: i32): f64 {
  let sums = f64x2.splat(0);
  const end = values + (<usize>count << 2);
  for (; values + 8 <= end; values += 8) {
    const pair = f64x2.promote_low_f32x4(v128.load64_zero(values));
    sums = f64x2.add(sums, f64x2.mul(pair, pair));
  }
  const sum = f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1);
  if (values == end) return sum;
  const last = <f64>load<f32>(values);
  return sum + last * last;
}

/** Multiplies each value by a factor. values: f32 (count). O(count). */
export function scaleValues(values: usize, count: i32, factor: f32): void {
  const factors = f32x4.splat(factor);
  const end = values + (<usize>count << 2);
  for (; values + 16 <= end; values += 16) v128.store(values, f32x4.mul(v128.load(values), factors));
  for (; values < end; values += 4) store<f32>(values, load<f32>(values) * factor);
}
