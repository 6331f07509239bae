/**
 * Sets sums[k] to Σ_q weights[k][q] · queries[q]: the gradient with respect to the codewords, from the one with respect to
 * their scores. O(count · width · dim).
 *
 * weights: f64 (count, width). queries: f32 (width, dim). sums: f64 (count, dim).
 */
export function weightedQueries(
  weights: usize,
  queries: usize,
  count: i32,
  width: i32,
  dim: i32,
  sums: usize,
): void {
  const queryBytes = <usize>dim << 2;
  for (let k = 0; k < count; k++, sums += queryBytes << 1) {
    memory.fill(sums, 0, queryBytes << 1);
    for (let q: usize = 0; q < <usize>width; q++, weights += 8) {
      const query = queries + q * queryBytes;
      const weight = load<f64>(weights), weightPair = f64x2.splat(weight);
      let d = 0;
      for (; d <= dim - 2; d += 2) {
        const pair = f64x2.promote_low_f32x4(v128.load64_zero(query + (<usize>d << 2)));
        const at = sums + (<usize>d << 3);
        v128.store(at, f64x2.add(v128.load(at), f64x2.mul(weightPair, pair)));
      }
      if (d < dim) {
        const at = sums + (<usize>d << 3);
        store<f64>(at, load<f64>(at) + weight * <f64>load<f32>(query + (<usize>d << 2)));
      }
    }
  }
}
