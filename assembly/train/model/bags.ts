// Weighted sums of rows that are picked by id, and what their gradients add to rows. dim is a multiple of 4; sums run in
// the order of the ids.

/** The row of table `rows` that ids[k] names. */
// @ts-ignore: decorator
@inline
function pick(rows: usize, ids: usize, k: i32, rowBytes: usize): usize {
  return rows + <usize>load<i32>(ids + (<usize>k << 2)) * rowBytes;
}

/** out += weight · row, over rowBytes. */
// @ts-ignore: decorator
@inline
function addScaled(out: usize, weight: v128, row: usize, rowBytes: usize): void {
  for (let o: usize = 0; o < rowBytes; o += 16) {
    v128.store(out + o, f32x4.add(v128.load(out + o), f32x4.mul(weight, v128.load(row + o))));
  }
}

/** out += weight · (a ⊙ b), over rowBytes. */
// @ts-ignore: decorator
@inline
function addScaledProduct(out: usize, weight: v128, a: usize, b: usize, rowBytes: usize): void {
  for (let o: usize = 0; o < rowBytes; o += 16) {
    const product = f32x4.mul(v128.load(a + o), v128.load(b + o));
    v128.store(out + o, f32x4.add(v128.load(out + o), f32x4.mul(weight, product)));
  }
}

/**
 * out += Σ_k weights[k] · rows[ids[k]].
 *
 * out: f32 (dim). weights: f32 (count). ids: i32 (count).
 */
export function addPickedRows(out: usize, weights: usize, ids: usize, count: i32, rows: usize, dim: i32): void {
  const rowBytes = <usize>dim << 2;
  for (let k = 0; k < count; k++) {
    const weight = v128.load32_splat(weights + (<usize>k << 2));
    const row = pick(rows, ids, k, rowBytes);
    addScaled(out, weight, row, rowBytes);
  }
}

/** out += Σ_k weights[k] · rows[ids[k]] ⊙ factors[k]; factors: f32 (count, dim). */
export function addPickedProducts(
  out: usize,
  weights: usize,
  ids: usize,
  count: i32,
  rows: usize,
  factors: usize,
  dim: i32,
): void {
  const rowBytes = <usize>dim << 2;
  for (let k = 0; k < count; k++, factors += rowBytes) {
    const weight = v128.load32_splat(weights + (<usize>k << 2));
    const row = pick(rows, ids, k, rowBytes);
    addScaledProduct(out, weight, row, factors, rowBytes);
  }
}

/** rows[ids[k]] += weights[k] · vector, for each k in turn. */
export function addToRows(rows: usize, ids: usize, weights: usize, count: i32, vector: usize, dim: i32): void {
  const rowBytes = <usize>dim << 2;
  for (let k = 0; k < count; k++) {
    const weight = v128.load32_splat(weights + (<usize>k << 2));
    const row = pick(rows, ids, k, rowBytes);
    addScaled(row, weight, vector, rowBytes);
  }
}

/** rows[ids[k]] += weights[k] · vector ⊙ factors[k], for each k in turn; factors: f32 (count, dim). */
export function addToRowsTimes(
  rows: usize,
  ids: usize,
  weights: usize,
  count: i32,
  vector: usize,
  factors: usize,
  dim: i32,
): void {
  const rowBytes = <usize>dim << 2;
  for (let k = 0; k < count; k++, factors += rowBytes) {
    const weight = v128.load32_splat(weights + (<usize>k << 2));
    const row = pick(rows, ids, k, rowBytes);
    addScaledProduct(row, weight, vector, factors, rowBytes);
  }
}

/** out[k] += weights[k] · rows[ids[k]] ⊙ vector: the gradients of factors. out: f32 (count, dim). */
export function addRowsTimes(
  out: usize,
  weights: usize,
  ids: usize,
  count: i32,
  rows: usize,
  vector: usize,
  dim: i32,
): void {
  const rowBytes = <usize>dim << 2;
  for (let k = 0; k < count; k++, out += rowBytes) {
    const weight = v128.load32_splat(weights + (<usize>k << 2));
    const row = pick(rows, ids, k, rowBytes);
    addScaledProduct(out, weight, row, vector, rowBytes);
  }
}

/** values[ids[k]] += weights[k], for each k in turn. */
export function addToValues(values: usize, ids: usize, weights: usize, count: i32): void {
  for (let end = ids + (<usize>count << 2); ids < end; ids += 4, weights += 4) {
    const place = values + (<usize>load<i32>(ids) << 2);
    store<f32>(place, load<f32>(place) + load<f32>(weights));
  }
}
