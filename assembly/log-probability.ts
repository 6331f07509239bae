import { Layout, Search } from "./layout";
import { log64 } from "./log";
import { COARSE } from "./masses";
import { headPart, proposalShift, tailPart } from "./parts";
import { ensureShares } from "./shares";
import { bucketLogMass, bucketLogShare, hasCoarseMasses, inverseShare } from "./tail";

// log Q under the proposal that `propose` left. For large logits, the logarithm of a mass loses the last digits, and with them
// the difference between classes of one bucket. Everything is then taken relative to the larger part of S' first, which is
// exact (docs/method.md, section 4).

/** Returns log Q of a class of the head from its exact score. The proposal must be in place (propose). */
export function logQInHead(l: Layout, score: f32): f64 {
  const s = changetype<Search>(l.search);
  const logMass = <f64>score * <f64>l.inverseTemperature, shift = proposalShift(l);
  return bounded(isCoarse(l, shift) ? (logMass - shift) - logParts(l, shift) : logMass - s.logProposal);
}

/**
 * Returns log Q of the class at `position`, which must be in `bucket`, a bucket of the tail. -Infinity if the class is
 * excluded. The proposal must be in place (propose).
 */
export function logQInTail(layout: usize, bucket: i32, position: i32): f64 {
  return logQOfShare(layout, tailLogMass(layout, bucket), bucket, position);
}

/** Returns what the classes of `bucket`, a bucket of the tail, have in common of their log Q, and makes their shares. */
export function tailLogMass(layout: usize, bucket: i32): f64 {
  const l = changetype<Layout>(layout);
  ensureShares(l, bucket);
  return isCoarse(l, proposalShift(l)) ? bucketLogShare(l, bucket) : bucketLogMass(l, bucket);
}

/** Returns log Q of the class at `position` from the tailLogMass of its bucket. */
export function logQOfShare(layout: usize, logMass: f64, bucket: i32, position: i32): f64 {
  const l = changetype<Layout>(layout);
  const s = changetype<Search>(l.search);
  const shift = proposalShift(l);
  const own = logMass - log64(inverseShare(l, bucket, position));
  return bounded(isCoarse(l, shift) ? own + (s.massShift - shift) - logParts(l, shift) : own - s.logProposal);
}

/**
 * Returns a logarithm of a probability, at most 0. The mass of a class and the sum of all are rounded in different ways, so a
 * class with all of it can have some 10^-5 more than the sum.
 */
// @ts-ignore: decorator
@inline
function bounded(logQ: f64): f64 {
  return min<f64>(0, logQ);
}

/** Returns whether logits are so large that logarithms of masses show the rounding of f32. */
function isCoarse(l: Layout, shift: f64): bool {
  return hasCoarseMasses(l) || abs(shift) > <f64>COARSE;
}

/** Returns log (S' e^-shift). */
function logParts(l: Layout, shift: f64): f64 {
  return log64(headPart(l, shift) + tailPart(changetype<Search>(l.search), shift));
}
