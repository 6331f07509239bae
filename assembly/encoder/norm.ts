import { sumLanes } from "../lanes";

/** The number that is added to variances, as in PyTorch. */
const FLOOR: f32 = 1e-5;

/** A layer norm (Ba et al. 2016): weights and biases by value, and the moments of the rows that were normed. */
@unmanaged
export class Norm {
  weights: usize; // f32 (width)
  biases: usize; // f32 (width)
  moments: usize; // f32 (rowCount, 2): the mean of each row and 1 / √(variance + floor)
  width: i32; // a multiple of 4
}

/**
 * Sets out[r][d] to (input[r][d] − mean_r) / √(variance_r + 1e-5) · weights[d] + biases[d] and keeps the moments, for
 * the backward pass. O(rowCount · width).
 *
 * norm: Norm. input, out: f32 (rowCount, width).
 */
export function normRows(norm: usize, input: usize, out: usize, rowCount: i32): void {
  const n = changetype<Norm>(norm);
  const weights = n.weights, biases = n.biases, count = <f32>n.width, rowBytes = <usize>n.width << 2;
  let moments = n.moments;
  for (let row = 0; row < rowCount; row++, input += rowBytes, out += rowBytes, moments += 8) {
    let sum = f32x4.splat(0), squares = f32x4.splat(0);
    for (let o: usize = 0; o < rowBytes; o += 16) sum = f32x4.add(sum, v128.load(input + o));
    const mean = sumLanes(sum) / count, means = f32x4.splat(mean);
    for (let o: usize = 0; o < rowBytes; o += 16) {
      const centred = f32x4.sub(v128.load(input + o), means);
      squares = f32x4.add(squares, f32x4.mul(centred, centred));
    }
    const inverse: f32 = 1 / sqrt<f32>(sumLanes(squares) / count + FLOOR), inverses = f32x4.splat(inverse);
    store<f32>(moments, mean);
    store<f32>(moments, inverse, 4);
    for (let o: usize = 0; o < rowBytes; o += 16) {
      const normed = f32x4.mul(f32x4.sub(v128.load(input + o), means), inverses);
      v128.store(out + o, f32x4.add(f32x4.mul(normed, v128.load(weights + o)), v128.load(biases + o)));
    }
  }
}
