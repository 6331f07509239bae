/** Adds the products of a pair of query and row values to two partial sums. */
// @ts-ignore: decorator
@inline
function addPair(sums: v128, query: v128, row: usize): v128 {
  return f64x2.add(sums, f64x2.mul(query, f64x2.promote_low_f32x4(v128.load64_zero(row))));
}

/** Joins the two partial sums and adds the last product of an odd `dim`. */
// @ts-ignore: decorator
@inline
function finish(sums: v128, query: usize, row: usize, dim: i32): f64 {
  const sum = f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1);
  if ((dim & 1) == 0) return sum;
  const last = <usize>(dim - 1) << 2;
  return sum + <f64>load<f32>(query + last) * <f64>load<f32>(row + last);
}

/**
 * Sets out[i] to <query, rows[i]> in double precision: two partial sums over d mod 2, joined, then the last product of
 * an odd dim. O(rowCount · dim). Four rows are taken at a time, so that no sum waits for itself. A group that reaches
 * beyond the end repeats the last row.
 *
 * query: f32 (dim). rows: f32 (rowCount, dim), rowCount ≥ 1. out: f64 (rowCount).
 */
export function dotProducts(query: usize, rows: usize, rowCount: i32, dim: i32, out: usize): void {
  const rowBytes = <usize>dim << 2;
  const even = <usize>(dim & ~1) << 2;
  const last = rows + <usize>(rowCount - 1) * rowBytes;
  for (let i = 0; i < rowCount; i += 4) {
    const row0 = rows + <usize>i * rowBytes;
    const row1 = min(row0 + rowBytes, last), row2 = min(row1 + rowBytes, last), row3 = min(row2 + rowBytes, last);
    let sums0 = f64x2.splat(0), sums1 = sums0, sums2 = sums0, sums3 = sums0;
    for (let o: usize = 0; o < even; o += 8) {
      const pair = f64x2.promote_low_f32x4(v128.load64_zero(query + o));
      sums0 = addPair(sums0, pair, row0 + o);
      sums1 = addPair(sums1, pair, row1 + o);
      sums2 = addPair(sums2, pair, row2 + o);
      sums3 = addPair(sums3, pair, row3 + o);
    }
    const at = out + (<usize>i << 3);
    store<f64>(at, finish(sums0, query, row0, dim));
    if (i + 1 < rowCount) store<f64>(at, finish(sums1, query, row1, dim), 8);
    if (i + 2 < rowCount) store<f64>(at, finish(sums2, query, row2, dim), 16);
    if (i + 3 < rowCount) store<f64>(at, finish(sums3, query, row3, dim), 24);
  }
}

/**
 * Sets out[i] to weights[i] · query, rounded once: the gradient of rows whose score is an inner product with the query.
 * O(rowCount · dim).
 *
 * weights: f64 (rowCount). query: f32 (dim). out: f32 (rowCount, dim).
 */
export function scaledCopies(weights: usize, query: usize, rowCount: i32, dim: i32, out: usize): void {
  const rowBytes = <usize>dim << 2;
  const even = <usize>(dim & ~1) << 2;
  for (let i = 0; i < rowCount; i++, weights += 8, out += rowBytes) {
    const weight = load<f64>(weights);
    const weightPair = f64x2.splat(weight);
    for (let o: usize = 0; o < even; o += 8) {
      const pair = f64x2.promote_low_f32x4(v128.load64_zero(query + o));
      v128.store64_lane(out + o, f32x4.demote_f64x2_zero(f64x2.mul(weightPair, pair)), 0);
    }
    if ((dim & 1) != 0) store<f32>(out + even, <f32>(weight * <f64>load<f32>(query + even)));
  }
}
