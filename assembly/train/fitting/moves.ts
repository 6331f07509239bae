import { exp4 } from "../../exp";
import { Candidate, Classes, Logits, Moves, Tables } from "./structs";

/**
 * Adds the loss of class i of a block in the bucket (k1, k2) of the candidate to losses[i]. This is its part of Σ_q
 * KL(P‖Q), with the totals as they are (docs/fitting.md). O(block · width).
 *
 *     Σ_q P log(P/Q) + Q − P      log P = logit − logPartition      log Q = scores1[k1] + scores2[k2] + bias − logTotal
 *
 * A query adds 0 if it has the bucket in its head: if the log density of the bucket with the class in it, scores1[k1] +
 * scores2[k2] + logDensity, is not below the query's threshold. A bucket without classes has a log density of −∞, and
 * the bias of the class stands for it.
 *
 * logits: Logits. classes: Classes. candidate: Candidate. scores: Tables of f32. moves: Moves.
 */
export function addMoveLosses(logits: usize, classes: usize, candidate: usize, scores: usize, moves: usize): void {
  const block = changetype<Logits>(logits), c = changetype<Candidate>(candidate);
  const tables = changetype<Tables>(scores), m = changetype<Moves>(moves);
  const rowBytes = <usize>block.width << 2, start = <usize>block.first, bits = m.bits;
  const biases = changetype<Classes>(classes).biases + (start << 2), logDensities = m.logDensities;
  const codes1 = c.codes1 + (start << 1), codes2 = c.codes2 + (start << 1), losses = c.losses + (start << 3);
  const scores1 = tables.first, scores2 = tables.second;
  const logPartitions = m.logPartitions, logTotals = m.logTotals, thresholds = m.thresholds;
  let row = block.values;
  for (let i: usize = 0, count = <usize>block.count; i < count; i++, row += rowBytes) {
    const k1 = <usize>load<u16>(codes1 + (i << 1)), k2 = <usize>load<u16>(codes2 + (i << 1));
    const first = scores1 + k1 * rowBytes, second = scores2 + k2 * rowBytes;
    const bias = load<f32>(biases + (i << 2));
    const density = load<f32>(logDensities + (((k1 << bits) + k2) << 2));
    const biasLanes = f32x4.splat(bias), densityLanes = f32x4.splat(density == -Infinity ? bias : density);
    let sum = f32x4.splat(0);
    for (let column: usize = 0; column < rowBytes; column += 16) {
      const logP = f32x4.sub(v128.load(row + column), v128.load(logPartitions + column));
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
