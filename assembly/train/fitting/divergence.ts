import { exp64 } from "../../exp";

/**
 * Adds to sums the terms of P log(P/Q) and of P²/Q over rows, for one query: sums[0] becomes KL(P‖Q), sums[1]
 * 1 + χ²(P‖Q). log P = logit − logPartition. log Q = logMasses[bucket] + bias, or logit − logProposal where logMasses is
 * +∞: in the head.
 *
 * logits: f32 (rowCount, width), of which the first column counts. biases: f32 (rowCount). buckets: i32 (rowCount).
 * logMasses: f64, by bucket. sums: f64 (2).
 */
export function addDivergence(
  logits: usize,
  biases: usize,
  buckets: usize,
  rowCount: i32,
  width: i32,
  logMasses: usize,
  logPartition: f64,
  logProposal: f64,
  sums: usize,
): void {
  const rowBytes = <usize>width << 2;
  const headWeight = logProposal - logPartition;
  let divergence = load<f64>(sums), square = load<f64>(sums, 8);
  for (let i: usize = 0; i < <usize>rowCount; i++, logits += rowBytes) {
    const logP = <f64>load<f32>(logits) - logPartition;
    const p = exp64(logP);
    const logMass = load<f64>(logMasses + (<usize>load<i32>(buckets + (i << 2)) << 3));
    const logWeight = logMass == Infinity ? headWeight : logP - (logMass + <f64>load<f32>(biases + (i << 2)));
    // Of a P without an f64, P²/Q may have one, P log(P/Q) not.
    if (p > 0) divergence += p * logWeight;
    square += exp64(logP + logWeight);
  }
  store<f64>(sums, divergence);
  store<f64>(sums, square, 8);
}
