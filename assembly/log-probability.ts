import { Layout, Search } from "./layout";
import { log64 } from "./log";
import { COARSE } from "./masses";
import { headPart, proposalShift, tailPart } from "./search";
import { bucketLogShare, hasCoarseMasses, inverseShare, logMassAt } from "./tail";

// log Q under the proposal that `propose` left. Logs of masses lose their last digits where logits are large, and with them
// what tells the classes of one bucket apart: there all is taken in units of the larger part of S' first, which is exact.

/** Of a class of the head, by its score. */
export function logQInHead(l: Layout, score: f32): f64 {
  const s = changetype<Search>(l.search);
  const logMass = <f64>score * <f64>l.inverseTemperature, shift = proposalShift(l);
  if (!isCoarse(l, shift)) return logMass - s.logProposal;
  return (logMass - shift) - logParts(l, shift);
}

/** Of a class of the tail, in its bucket. */
export function logQInTail(layout: usize, bucket: i32, position: i32): f64 {
  const l = changetype<Layout>(layout);
  const s = changetype<Search>(l.search);
  const shift = proposalShift(l);
  if (!isCoarse(l, shift)) return logMassAt(layout, bucket, position) - s.logProposal;
  const logShare = bucketLogShare(l, bucket) - log64(inverseShare(l, bucket, position));
  return logShare + (s.massShift - shift) - logParts(l, shift);
}

function isCoarse(l: Layout, shift: f64): bool {
  return hasCoarseMasses(l) || abs(shift) > <f64>COARSE;
}

/** log (S' e^-shift) */
function logParts(l: Layout, shift: f64): f64 {
  return log64(headPart(l, shift) + tailPart(changetype<Search>(l.search), shift));
}
