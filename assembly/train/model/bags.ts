// Weighted sums of rows chosen by id, and the gradients that these add to the rows. dim is a multiple of 4, and sums
// run in the order of the ids.

/** Returns the address of the row that ids[k] names. */
// @ts-ignore: decorator
@inline
function pick(rows: usize, ids: usize, k: i32, rowBytes: usize): usize {
  return rows + <usize>load<i32>(ids + (<usize>k << 2)) * rowBytes;
}

/** Adds weight · row to `out`, over rowBytes. */
// @ts-ignore: decorator
@inline
function addScaled(out: usize, weight: v128, row: usize, rowBytes: usize): void {
  for (let o: usize = 0; o < rowBytes; o += 16) {
    v128.store(out + o, f32x4.add(v128.load(out + o), f32x4.mul(weight, v128.load(row + o))));
  }
}

/** Adds weight · (a ⊙ b) to `out`, over rowBytes. */
// @ts-ignore: decorator
@inline
function addScaledProduct(out: usize, weight: v128, a: usize, b: usize, rowBytes: usize): void {
  for (let o: usize = 0; o < rowBytes; o += 16) {
    const product = f32x4.mul(v128.load(a + o), v128.load(b + o));
    v128.store(out + o, f32x4.add(v128.load(out + o), f32x4.mul(weight, product)));
  }
}

/**
 * Adds Σ_k weights[k] · rows[ids[k]] to `out`. O(count · dim).
 *
 * out: f32 (dim). weights: f32 (count). ids: i32 (count), rows of the table. rows: f32 (rows of the table, dim).
 */
export function addPickedRows(out: usize, weights: usize, ids: usize, count: i32, rows: usize, dim: i32): void {
  const rowBytes = <usize>dim << 2;
  for (let k = 0; k < count; k++) {
    const weight = v128.load32_splat(weights + (<usize>k << 2));
    addScaled(out, weight, pick(rows, ids, k, rowBytes), rowBytes);
  }
}

/**
 * Adds weights[k] · vector to rows[ids[k]], for each k in turn. O(count · dim). The shapes are those of addPickedRows,
 * and vector is f32 (dim).
 */
export function addToRows(rows: usize, ids: usize, weights: usize, count: i32, vector: usize, dim: i32): void {
  const rowBytes = <usize>dim << 2;
  for (let k = 0; k < count; k++) {
    const weight = v128.load32_splat(weights + (<usize>k << 2));
    addScaled(pick(rows, ids, k, rowBytes), weight, vector, rowBytes);
  }
}

/** Rows that are chosen by id, each with its own factors. The factors follow the order of the ids. */
@unmanaged
export class Products {
  rows: usize; // f32 (rows of the table, dim)
  factors: usize; // f32 (count, dim)
  dim: i32;
}

const VECTOR = 0, ROWS = 1, FACTORS = 2;

/** Adds weights[k] times the product of two of the three to the third, for each k in turn. */
// @ts-ignore: decorator
@inline
function addTo(sum: i32, products: usize, ids: usize, weights: usize, count: i32, vector: usize): void {
  const p = changetype<Products>(products);
  const rowBytes = <usize>p.dim << 2, rows = p.rows;
  let factors = p.factors;
  for (let k = 0; k < count; k++, factors += rowBytes) {
    const weight = v128.load32_splat(weights + (<usize>k << 2));
    const row = pick(rows, ids, k, rowBytes);
    if (sum == VECTOR) addScaledProduct(vector, weight, row, factors, rowBytes);
    else if (sum == ROWS) addScaledProduct(row, weight, vector, factors, rowBytes);
    else addScaledProduct(factors, weight, row, vector, rowBytes);
  }
}

/** Adds Σ_k weights[k] · rows[ids[k]] ⊙ factors[k] to `vector`, f32 (dim). O(count · dim). */
export function addPickedProducts(products: usize, ids: usize, weights: usize, count: i32, vector: usize): void {
  addTo(VECTOR, products, ids, weights, count, vector);
}

/** Adds weights[k] · vector ⊙ factors[k] to rows[ids[k]], for each k in turn. O(count · dim). */
export function addToRowsTimes(products: usize, ids: usize, weights: usize, count: i32, vector: usize): void {
  addTo(ROWS, products, ids, weights, count, vector);
}

/**
 * Adds weights[k] · rows[ids[k]] ⊙ vector to factors[k]. With gradients in the place of the factors, this is the
 * gradient of the factors. O(count · dim).
 */
export function addToFactors(products: usize, ids: usize, weights: usize, count: i32, vector: usize): void {
  addTo(FACTORS, products, ids, weights, count, vector);
}

/** Adds weights[k] to values[ids[k]], for each k in turn. values: f32. ids: i32 (count). weights: f32 (count). */
export function addToValues(values: usize, ids: usize, weights: usize, count: i32): void {
  for (let end = ids + (<usize>count << 2); ids < end; ids += 4, weights += 4) {
    const place = values + (<usize>load<i32>(ids) << 2);
    store<f32>(place, load<f32>(place) + load<f32>(weights));
  }
}
