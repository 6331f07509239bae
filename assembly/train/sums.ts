/** Weighted sums of rows by codeword. */
@unmanaged
export class Sums {
  sums: usize; // f64 (K, dim)
  masses: usize; // f64 (K)
  dim: i32;
}

/**
 * Adds Σ w_i · rows[i] to sums[k] and Σ w_i to masses[k] over the rows with codes[i] = k: the weighted means of k-means
 * before their division. O(rowCount · dim). Everything is f64, added row by row in order.
 *
 * rows: f32 (rowCount, dim). codes: u16 (rowCount), all < K. weights: f64 (rowCount). into: Sums.
 */
export function addRows(rows: usize, codes: usize, weights: usize, rowCount: i32, into: usize): void {
  const s = changetype<Sums>(into);
  const sums = s.sums, masses = s.masses, dim = s.dim;
  for (let i = 0; i < rowCount; i++, codes += 2, weights += 8, rows += <usize>dim << 2) {
    const weight = load<f64>(weights);
    const codeword = <usize>load<u16>(codes);
    const sum = sums + ((codeword * dim) << 3);
    const mass = masses + (codeword << 3);
    store<f64>(mass, load<f64>(mass) + weight);
    let d = 0;
    for (; d <= dim - 2; d += 2) {
      const pair = f64x2.promote_low_f32x4(v128.load64_zero(rows + (<usize>d << 2)));
      const at = sum + (<usize>d << 3);
      v128.store(at, f64x2.add(v128.load(at), f64x2.mul(f64x2.splat(weight), pair)));
    }
    if (d < dim) {
      const at = sum + (<usize>d << 3);
      store<f64>(at, load<f64>(at) + weight * <f64>load<f32>(rows + (<usize>d << 2)));
    }
  }
}
