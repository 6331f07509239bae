import { exp64 } from "../../exp";
import { Lists, Tables } from "./structs";

/**
 * Sets factors[k][q] to e^(scores[k][q] − maxima[q]), where maxima holds the largest score of each column. O(count ·
 * width).
 *
 * scores: f32 (count, width), count ≥ 1. factors: f64 (count, width). maxima: f32 (width), written.
 */
export function columnFactors(scores: usize, count: i32, width: i32, factors: usize, maxima: usize): void {
  const end = <usize>(count * width) << 2;
  const rowBytes = <usize>width << 2;
  for (let column: usize = 0; column < rowBytes; column += 4) {
    let top: f32 = -Infinity;
    for (let at = column; at < end; at += rowBytes) top = max(top, load<f32>(scores + at));
    store<f32>(maxima + column, top);
    for (let at = column; at < end; at += rowBytes) {
      store<f64>(factors + (at << 1), exp64(<f64>load<f32>(scores + at) - <f64>top));
    }
  }
}

/**
 * Computes how the proposal's mass is spread over the codewords. The masses of k1 and of k2 are the sums over the
 * buckets (k1, k2) of weight · factors1[k1] · factors2[k2], and totals the sum over all buckets, for every query.
 * O(bucketCount · width).
 *
 * lists: Lists. factors, masses: Tables of f64, width a multiple of 8. totals: f64 (width). masses and totals are
 * written.
 */
export function proposalMasses(lists: usize, factors: usize, masses: usize, totals: usize): void {
  const l = changetype<Lists>(lists), f = changetype<Tables>(factors), m = changetype<Tables>(masses);
  const codes = l.codes, weights = l.weights, bucketCount = l.bucketCount, bits = l.bits, mask = (1 << bits) - 1;
  const factors1 = f.first, factors2 = f.second, masses1 = m.first, masses2 = m.second;
  const rowBytes = <usize>m.width << 3, tableBytes = rowBytes << bits;
  memory.fill(masses1, 0, tableBytes);
  memory.fill(masses2, 0, tableBytes);
  memory.fill(totals, 0, rowBytes);
  for (let column: usize = 0; column < rowBytes; column += 64) {
    for (let b = 0; b < bucketCount; ) {
      const k1 = load<i32>(codes + (<usize>b << 2)) >> bits;
      const first = <usize>k1 * rowBytes + column;
      const factor0 = v128.load(factors1 + first), factor1 = v128.load(factors1 + first, 16);
      const factor2 = v128.load(factors1 + first, 32), factor3 = v128.load(factors1 + first, 48);
      let sum0 = f64x2.splat(0), sum1 = sum0, sum2 = sum0, sum3 = sum0;
      for (; b < bucketCount; b++) {
        const code = load<i32>(codes + (<usize>b << 2));
        if (code >> bits != k1) break;
        const weight = v128.load64_splat(weights + (<usize>b << 3));
        const second = <usize>(code & mask) * rowBytes + column;
        const mass0 = f64x2.mul(weight, v128.load(factors2 + second));
        const mass1 = f64x2.mul(weight, v128.load(factors2 + second, 16));
        const mass2 = f64x2.mul(weight, v128.load(factors2 + second, 32));
        const mass3 = f64x2.mul(weight, v128.load(factors2 + second, 48));
        sum0 = f64x2.add(sum0, mass0);
        sum1 = f64x2.add(sum1, mass1);
        sum2 = f64x2.add(sum2, mass2);
        sum3 = f64x2.add(sum3, mass3);
        const out = masses2 + second;
        v128.store(out, f64x2.add(v128.load(out), f64x2.mul(factor0, mass0)));
        v128.store(out, f64x2.add(v128.load(out, 16), f64x2.mul(factor1, mass1)), 16);
        v128.store(out, f64x2.add(v128.load(out, 32), f64x2.mul(factor2, mass2)), 32);
        v128.store(out, f64x2.add(v128.load(out, 48), f64x2.mul(factor3, mass3)), 48);
      }
      sum0 = f64x2.mul(sum0, factor0);
      sum1 = f64x2.mul(sum1, factor1);
      sum2 = f64x2.mul(sum2, factor2);
      sum3 = f64x2.mul(sum3, factor3);
      const out = masses1 + first, total = totals + column;
      v128.store(out, sum0);
      v128.store(out, sum1, 16);
      v128.store(out, sum2, 32);
      v128.store(out, sum3, 48);
      v128.store(total, f64x2.add(v128.load(total), sum0));
      v128.store(total, f64x2.add(v128.load(total, 16), sum1), 16);
      v128.store(total, f64x2.add(v128.load(total, 32), sum2), 32);
      v128.store(total, f64x2.add(v128.load(total, 48), sum3), 48);
    }
  }
}
