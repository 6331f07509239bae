import { exp64 } from "../../exp";
import { Classes, Lists, Logits, Proposal } from "./structs";

/**
 * Adds the terms of P log(P/Q) and of P²/Q over the classes of a block to divergence and square of the proposal. Over
 * all classes they sum to KL(P‖Q) and 1 + χ²(P‖Q) (docs/method.md, section 7). O(block).
 *
 * log P = logit − logPartition. log Q = logMasses[bucket] + bias or, in the head, where logMasses is +∞, logit −
 * logTotal.
 *
 * logits: Logits. classes: Classes. lists: Lists. proposal: Proposal, whose logPartition, logTotal, logMasses and
 * column are set.
 */
export function addDivergence(logits: usize, classes: usize, lists: usize, proposal: usize): void {
  const block = changetype<Logits>(logits), p = changetype<Proposal>(proposal);
  const logPartition = p.logPartition, logMasses = p.logMasses;
  const biases = changetype<Classes>(classes).biases + (<usize>block.first << 2);
  const buckets = changetype<Lists>(lists).bucketOf + (<usize>block.first << 2);
  const rowBytes = <usize>block.width << 2;
  const headWeight = p.logTotal - logPartition;
  let divergence = p.divergence, square = p.square;
  let at = block.values + (<usize>p.column << 2);
  for (let i: usize = 0, count = <usize>block.count; i < count; i++, at += rowBytes) {
    const logP = <f64>load<f32>(at) - logPartition;
    const mass = exp64(logP);
    const logMass = load<f64>(logMasses + (<usize>load<i32>(buckets + (i << 2)) << 3));
    const logWeight = logMass == Infinity ? headWeight : logP - (logMass + <f64>load<f32>(biases + (i << 2)));
    // P²/Q may fit an f64 even if P does not, but P log(P/Q) cannot.
    if (mass > 0) divergence += mass * logWeight;
    square += exp64(logP + logWeight);
  }
  p.divergence = divergence;
  p.square = square;
}
