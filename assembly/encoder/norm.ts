import { sumLanes } from "../lanes";

/** The mask of the last vector of a row begins as many lanes behind the first as the row has padding. */
const LANES = memory.data<i32>([-1, -1, -1, -1, 0, 0, 0]);

/** The number that is added to variances, as in PyTorch. */
const FLOOR: f32 = 1e-5;

/** A layer norm (Ba et al. 2016): weights and biases by value, and the moments of the rows that were normed. */
@unmanaged
export class Norm {
  weights: usize; // f32 (width)
  biases: usize; // f32 (width)
  moments: usize; // f32 (rowCount, 2): the mean of each row and 1 / √(variance + floor)
  width: i32; // a multiple of 4
  filled: i32; // of these, the values before the padding, which is less than 4 values; a training has none
}

/**
 * Sets out[r][d] to (input[r][d] − mean_r) / √(variance_r + 1e-5) · weights[d] + biases[d] and keeps the moments, for
 * the backward pass. Padding, 0 in the input, the weights and the biases, stays 0. O(rowCount · width).
 *
 * norm: Norm. input, out: f32 (rowCount, width).
 */
export function normRows(norm: usize, input: usize, out: usize, rowCount: i32): void {
  const n = changetype<Norm>(norm);
  const weights = n.weights, biases = n.biases, count = <f32>n.filled, rowBytes = <usize>n.width << 2;
  const padding = <usize>(n.width - n.filled) << 2, last = rowBytes - 16, kept = v128.load(LANES + padding);
  let moments = n.moments;
  for (let row = 0; row < rowCount; row++, input += rowBytes, out += rowBytes, moments += 8) {
    let sum = f32x4.splat(0), squares = f32x4.splat(0);
    for (let o: usize = 0; o < rowBytes; o += 16) sum = f32x4.add(sum, v128.load(input + o));
    const mean = sumLanes(sum) / count, means = f32x4.splat(mean);
    for (let o: usize = 0; o < rowBytes; o += 16) {
      let centred = f32x4.sub(v128.load(input + o), means);
      if (o == last) centred = v128.and(centred, kept);
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
