import { sumLanes } from "../lanes";

/**
 * Returns ‖a − b‖² in f32: four partial sums over d mod 4, joined by sumLanes, then the last dim mod 4 terms one by
 * one. It is computed from differences and never as ‖a‖² − 2a·b + ‖b‖², which cancels for near neighbours.
 */
// @ts-ignore: decorator
@inline
function squaredDistance(a: usize, b: usize, dim: i32): f32 {
  let sums = f32x4.splat(0);
  let d = 0;
  for (; d <= dim - 4; d += 4) {
    const difference = f32x4.sub(v128.load(a + (<usize>d << 2)), v128.load(b + (<usize>d << 2)));
    sums = f32x4.add(sums, f32x4.mul(difference, difference));
  }
  let sum = sumLanes(sums);
  for (; d < dim; d++) {
    const difference = load<f32>(a + (<usize>d << 2)) - load<f32>(b + (<usize>d << 2));
    sum += difference * difference;
  }
  return sum;
}

/**
 * Sets distances[i] to min(distances[i], ‖rows[i] − center‖²): one step of k-means++. O(rowCount · dim).
 *
 * rows: f32 (rowCount, dim). center: f32 (dim). distances: f32 (rowCount), read and written.
 */
export function minDistances(rows: usize, center: usize, rowCount: i32, dim: i32, distances: usize): void {
  const rowBytes = <usize>dim << 2;
  for (let i = 0; i < rowCount; i++, rows += rowBytes, distances += 4) {
    store<f32>(distances, min(load<f32>(distances), squaredDistance(rows, center, dim)));
  }
}

/**
 * Sets errors[i] to ‖rows[i] − codebook[codes[i]]‖². O(rowCount · dim).
 *
 * rows: f32 (rowCount, dim). codebook: f32 (K, dim). codes: u16 (rowCount), all < K. errors: f32 (rowCount).
 */
export function squaredErrors(
  rows: usize,
  codebook: usize,
  codes: usize,
  rowCount: i32,
  dim: i32,
  errors: usize,
): void {
  const rowBytes = <usize>dim << 2;
  for (let i = 0; i < rowCount; i++, rows += rowBytes, codes += 2, errors += 4) {
    store<f32>(errors, squaredDistance(rows, codebook + <usize>load<u16>(codes) * rowBytes, dim));
  }
}

/**
 * Sets errors[i] to weights[i] · squares[i], in f64. O(rowCount).
 *
 * squares: f32 (rowCount). weights, errors: f64 (rowCount).
 */
export function weighErrors(squares: usize, weights: usize, rowCount: i32, errors: usize): void {
  for (let i = 0; i < rowCount; i++, squares += 4, weights += 8, errors += 8) {
    store<f64>(errors, load<f64>(weights) * <f64>load<f32>(squares));
  }
}
