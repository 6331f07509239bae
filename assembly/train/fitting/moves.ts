import { exp4 } from "../../exp";

/**
 * losses[i] += what class i would add to Σ_q KL(P‖Q) in the bucket (k1, k2), with the totals as they are:
 *
 *     Σ_q P log(P/Q) + Q − P      log P = logit − logPartition      log Q = scores1[k1] + scores2[k2] + bias − logTotal
 *
 * and 0 for a query that has the bucket in its head: where its log density with the class in it, scores1[k1] + scores2[k2] +
 * logDensity, is not below the query's threshold. A bucket without classes has a log density of −∞, for which the bias stands in.
 *
 * logits: f32 (rowCount, width), width a multiple of 4. biases: f32 (rowCount). codes1, codes2: u16 (rowCount). scores1,
 * scores2: f32 (2^bits, width). logDensities: f32 (4^bits). logPartitions, logTotals, thresholds: f32 (width). losses: f64
 * (rowCount).
 */
export function addMoveLosses(
  logits: usize,
  biases: usize,
  codes1: usize,
  codes2: usize,
  rowCount: i32,
  width: i32,
  bits: i32,
  scores1: usize,
  scores2: usize,
  logDensities: usize,
  logPartitions: usize,
  logTotals: usize,
  thresholds: usize,
  losses: usize,
): void {
  const rowBytes = <usize>width << 2;
  for (let i: usize = 0; i < <usize>rowCount; i++, logits += rowBytes) {
    const k1 = <usize>load<u16>(codes1 + (i << 1)), k2 = <usize>load<u16>(codes2 + (i << 1));
    const first = scores1 + k1 * rowBytes, second = scores2 + k2 * rowBytes;
    const bias = load<f32>(biases + (i << 2));
    const density = load<f32>(logDensities + (((k1 << bits) + k2) << 2));
    const biasLanes = f32x4.splat(bias), densityLanes = f32x4.splat(density == -Infinity ? bias : density);
    let sum = f32x4.splat(0);
    for (let column: usize = 0; column < rowBytes; column += 16) {
      const logP = f32x4.sub(v128.load(logits + column), v128.load(logPartitions + column));
      const score = f32x4.add(v128.load(first + column), v128.load(second + column));
      const logQ = f32x4.add(score, f32x4.sub(biasLanes, v128.load(logTotals + column)));
      const p = exp4(logP);
      const loss = f32x4.add(f32x4.mul(p, f32x4.sub(logP, logQ)), f32x4.sub(exp4(logQ), p));
      const isTail = f32x4.lt(f32x4.add(score, densityLanes), v128.load(thresholds + column));
      sum = f32x4.add(sum, v128.and(loss, isTail));
    }
    const pair = f64x2.add(
      f64x2.promote_low_f32x4(sum),
      f64x2.promote_low_f32x4(v128.shuffle<f32>(sum, sum, 2, 3, 2, 3)),
    );
    const at = losses + (i << 3);
    store<f64>(at, load<f64>(at) + (f64x2.extract_lane(pair, 0) + f64x2.extract_lane(pair, 1)));
  }
}
