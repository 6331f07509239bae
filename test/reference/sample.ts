import { PURPOSE_SAMPLE } from "../../src/abi.ts";
import { at } from "./at.ts";
import type { DerivedIndex } from "./buckets.ts";
import { expInto } from "./exp.ts";
import { log64 } from "./log.ts";
import { COARSE } from "./masses.ts";
import { bucketAt, firstOutlierOf } from "./reference-index.ts";
import { scoreIds, scorePositions } from "./score.ts";
import { drawFromTail, headPart, type Proposal, proposalShift, propose, randomOfDraw, tailPart } from "./search.ts";
import { bucketLogShare, inverseShare, logMassAt } from "./tail.ts";
import { invertIds } from "./validate.ts";

/** A draw from the proposal. */
export interface Draw {
  readonly id: number;
  readonly score: number;
  /** Normalised. */
  readonly logQ: number;
}

/** A draw from the proposal, without its score. */
export interface ProposedDraw {
  readonly position: number;
  /** Normalised. */
  readonly logQ: number;
}

/** Independent draws from the proposal, with their scores. */
export function sample(index: DerivedIndex, query: Float32Array, scan: number, draws: number, seed: bigint): Draw[] {
  const { prepared } = propose(index, query, scan, 0);
  return drawProposed(index, query, scan, draws, seed).map(({ position, logQ }) => {
    const [score = 0] = scorePositions(index, prepared, Int32Array.of(position));
    return { id: at(index.ids, position), score, logQ };
  });
}

/** Independent draws from the proposal: u S' falls into the head's classes first, then into the tail's buckets. */
export function drawProposed(
  index: DerivedIndex,
  query: Float32Array,
  scan: number,
  draws: number,
  seed: bigint,
): ProposedDraw[] {
  const proposal = propose(index, query, scan, 0);
  const { prepared, headScores, tail } = proposal;
  const shift = proposalShift(index, proposal);
  const headMass = headPart(index, proposal, shift);
  const tailMass = tailPart(proposal, shift);
  const headPrefix = sumHead(index, proposal);
  return Array.from({ length: draws }, (_, j) => {
    const { uniform, word } = randomOfDraw(seed, prepared, PURPOSE_SAMPLE, j);
    const target = uniform * (headMass + tailMass);
    if (target < headMass || tailMass === 0) {
      const headTarget = (target / headMass) * at(headPrefix, headScores.length);
      const i = headPrefix.subarray(0, -1).findLastIndex((prefix) => prefix <= headTarget);
      return { position: at(proposal.headPositions, i), logQ: logQInHead(index, proposal, at(headScores, i)) };
    }
    const tailTarget = ((target - headMass) / tailMass) * tail.tailTotal;
    const { bucket, position } = drawFromTail(index, proposal, tailTarget, word);
    return { position, logQ: logQInTail(index, proposal, bucket, position) };
  });
}

/** (headCount + 1): the sum of e^((score − headMax) / T) before each of the head's classes, then over all, in f64. */
export function sumHead(index: DerivedIndex, { headScores, headMax }: Proposal): Float64Array {
  const { out } = expInto(headScores, headMax, index.inverseTemperature);
  const sums = new Float64Array(out.length + 1);
  for (const [i, value] of out.entries()) sums[i + 1] = at(sums, i) + value;
  return sums;
}

/**
 * log Q of the classes `ids` under a proposal: exact score / T − log S' in the head, log mass − log S' elsewhere, −∞
 * for excluded classes.
 */
export function logQOf(index: DerivedIndex, proposal: Proposal, ids: Int32Array): Float64Array {
  const { positions } = invertIds(index.ids);
  const scores = scoreIds(index, proposal.prepared, ids);
  return Float64Array.from(ids, (id, i) => {
    const position = at(positions, id);
    const bucket = bucketAt(index, position);
    if (index.excluded.has(position)) return Number.NEGATIVE_INFINITY;
    return position >= firstOutlierOf(index) || proposal.headBuckets.includes(bucket)
      ? logQInHead(index, proposal, at(scores, i))
      : logQInTail(index, proposal, bucket, position);
  });
}

/** score / T − log S', at most 0. For large logits it is taken relative to the larger part of S'. */
function logQInHead(index: DerivedIndex, proposal: Proposal, score: number): number {
  const shift = proposalShift(index, proposal);
  const logMass = score * index.inverseTemperature;
  const logQ = isCoarse(proposal, shift)
    ? logMass - shift - logParts(index, proposal, shift)
    : logMass - proposal.logProposal;
  return Math.min(0, logQ);
}

/** log mass − log S', taken in the same way. */
function logQInTail(index: DerivedIndex, proposal: Proposal, bucket: number, position: number): number {
  const shift = proposalShift(index, proposal);
  if (!isCoarse(proposal, shift)) {
    return Math.min(0, logMassAt(index, proposal, bucket, position) - proposal.logProposal);
  }
  const logShare = bucketLogShare(index, proposal, bucket) - log64(inverseShare(index, bucket, position));
  return Math.min(0, logShare + (proposal.massShift - shift) - logParts(index, proposal, shift));
}

const isCoarse = ({ path }: Proposal, shift: number): boolean => path !== "f64" || Math.abs(shift) > COARSE;

const logParts = (index: DerivedIndex, proposal: Proposal, shift: number): number =>
  log64(headPart(index, proposal, shift) + tailPart(proposal, shift));
