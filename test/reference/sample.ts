import { PURPOSE_SAMPLE } from "../../src/abi.ts";
import { at } from "./at.ts";
import type { DerivedIndex } from "./buckets.ts";
import { expInto } from "./exp.ts";
import { bucketAt } from "./reference-index.ts";
import { scoreIds, scorePositions } from "./score.ts";
import { drawFromTail, headPart, type Proposal, proposalShift, propose, randomOfDraw, tailPart } from "./search.ts";
import { logMassAt } from "./tail.ts";
import { invertIds } from "./validate.ts";

export interface Draw {
  readonly id: number;
  readonly score: number;
  /** Normalised. */
  readonly logQ: number;
}

export interface ProposedDraw {
  readonly position: number;
  /** Normalised. */
  readonly logQ: number;
}

/** Independent draws from the proposal, scored. */
export function sample(index: DerivedIndex, query: Float32Array, scan: number, draws: number, seed: bigint): Draw[] {
  const { prepared } = propose(index, query, scan, 0);
  return drawProposed(index, query, scan, draws, seed).map(({ position, logQ }) => {
    const [score = 0] = scorePositions(index, prepared, Int32Array.of(position));
    return { id: at(index.ids, position), score, logQ };
  });
}

/** Independent draws from the proposal: u S' falls into the head's classes, then into the tail's buckets. */
export function drawProposed(
  index: DerivedIndex,
  query: Float32Array,
  scan: number,
  draws: number,
  seed: bigint,
): ProposedDraw[] {
  const proposal = propose(index, query, scan, 0);
  const { prepared, headScores, logProposal, tail } = proposal;
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
      const logQ = at(headScores, i) * index.inverseTemperature - logProposal;
      return { position: at(proposal.headPositions, i), logQ };
    }
    const tailTarget = ((target - headMass) / tailMass) * tail.tailTotal;
    const { bucket, position } = drawFromTail(index, proposal, tailTarget, word);
    return { position, logQ: logMassAt(index, proposal, bucket, position) - logProposal };
  });
}

/** (headCount + 1): e^((score − headMax) / T) of the head's classes before each, then of all, in f64. */
export function sumHead(index: DerivedIndex, { headScores, headMax }: Proposal): Float64Array {
  const { out } = expInto(headScores, headMax, index.inverseTemperature);
  const sums = new Float64Array(out.length + 1);
  for (const [i, value] of out.entries()) sums[i + 1] = at(sums, i) + value;
  return sums;
}

/** log Q of the classes `ids` under a proposal: exact score / T in the head, log mass elsewhere, less log S'; −∞ if excluded. */
export function logQOf(index: DerivedIndex, proposal: Proposal, ids: Int32Array): Float64Array {
  const { positions } = invertIds(index.ids);
  const scores = scoreIds(index, proposal.prepared, ids);
  return Float64Array.from(ids, (id, i) => {
    const position = at(positions, id);
    const bucket = bucketAt(index, position);
    if (index.excluded.has(position)) return Number.NEGATIVE_INFINITY;
    const logMass = proposal.headBuckets.includes(bucket)
      ? at(scores, i) * index.inverseTemperature
      : logMassAt(index, proposal, bucket, position);
    return logMass - proposal.logProposal;
  });
}
