import { Norm } from "../../encoder/norm";
import { sumLanes } from "../../lanes";

/** The places for the gradients of a layer norm. */
@unmanaged
export class NormGradients {
  weights: usize; // f32 (width), added to
  biases: usize; // f32 (width), added to
}

/**
 * The backward pass of normRows. With n the normed row and s = gradient · weight, the gradient of the input is (s − mean(s) − n
 * · mean(s n)) / deviation, which overwrites the gradients. O(rowCount · width).
 *
 * norm: Norm, with the moments of the rows. input: f32 (rowCount, width). gradients: f32 (rowCount, width), of the outputs.
 * sums: NormGradients.
 */
export function normGradient(norm: usize, input: usize, gradients: usize, sums: usize, rowCount: i32): void {
  const n = changetype<Norm>(norm), s = changetype<NormGradients>(sums);
  const weights = n.weights, toWeights = s.weights, toBiases = s.biases;
  const count = <f32>n.width, rowBytes = <usize>n.width << 2;
  let moments = n.moments;
  for (let row = 0; row < rowCount; row++, input += rowBytes, gradients += rowBytes, moments += 8) {
    const means = v128.load32_splat(moments), inverses = v128.load32_splat(moments, 4);
    let sum = f32x4.splat(0), products = f32x4.splat(0);
    for (let o: usize = 0; o < rowBytes; o += 16) {
      const normed = f32x4.mul(f32x4.sub(v128.load(input + o), means), inverses);
      const gradient = v128.load(gradients + o);
      v128.store(toWeights + o, f32x4.add(v128.load(toWeights + o), f32x4.mul(gradient, normed)));
      v128.store(toBiases + o, f32x4.add(v128.load(toBiases + o), gradient));
      const scaled = f32x4.mul(gradient, v128.load(weights + o));
      sum = f32x4.add(sum, scaled);
      products = f32x4.add(products, f32x4.mul(scaled, normed));
    }
    const mean = f32x4.splat(sumLanes(sum) / count), slope = f32x4.splat(sumLanes(products) / count);
    for (let o: usize = 0; o < rowBytes; o += 16) {
      const normed = f32x4.mul(f32x4.sub(v128.load(input + o), means), inverses);
      const scaled = f32x4.sub(f32x4.mul(v128.load(gradients + o), v128.load(weights + o)), mean);
      v128.store(gradients + o, f32x4.mul(f32x4.sub(scaled, f32x4.mul(normed, slope)), inverses));
    }
  }
}
