/**
 * out[i] = <query, rows[i]> in double precision: two partial sums over d mod 2, joined, then what is left of dim.
 *
 * query: f32 (dim). rows: f32 (rowCount, dim). out: f64 (rowCount).
 */
export function dotProducts(query: usize, rows: usize, rowCount: i32, dim: i32, out: usize): void {
  for (let i = 0; i < rowCount; i++, rows += <usize>dim << 2, out += 8) {
    let sums = f64x2.splat(0);
    let d = 0;
    for (; d <= dim - 2; d += 2) {
      const at = <usize>d << 2;
      const a = f64x2.promote_low_f32x4(v128.load64_zero(query + at));
      const b = f64x2.promote_low_f32x4(v128.load64_zero(rows + at));
      sums = f64x2.add(sums, f64x2.mul(a, b));
    }
    let sum = f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1);
    if (d < dim) sum += <f64>load<f32>(query + (<usize>d << 2)) * <f64>load<f32>(rows + (<usize>d << 2));
    store<f64>(out, sum);
  }
}

/**
 * out[i] = weights[i] · query, rounded once: the gradient of rows whose score is an inner product with the query.
 *
 * weights: f64 (rowCount). query: f32 (dim). out: f32 (rowCount, dim).
 */
export function scaledCopies(weights: usize, query: usize, rowCount: i32, dim: i32, out: usize): void {
  for (let i = 0; i < rowCount; i++, weights += 8) {
    const weight = load<f64>(weights);
    for (let d: usize = 0; d < <usize>dim << 2; d += 4, out += 4) {
      store<f32>(out, <f32>(weight * <f64>load<f32>(query + d)));
    }
  }
}
