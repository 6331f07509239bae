import { PURPOSE_TAIL } from "../../src/abi.ts";
import { at } from "./at.ts";
import type { DerivedIndex } from "./buckets.ts";
import { logFloor } from "./log.ts";
import { positionsOf } from "./reference-index.ts";
import { scorePositions } from "./score.ts";
import {
  bucketFactor,
  drawFromTail,
  headPart,
  headShift,
  type Proposal,
  proposalShift,
  randomOfDraw,
  tailPart,
  weighDraws,
} from "./search.ts";
import { positionAmong, shareWidth, unitsBeside } from "./tail.ts";

/** Of larger buckets a draw takes any class. */
export const MOST_LOOKED_AT = 128;

/**
 * Stratified draws of buckets, and of a class that is left in each. Those of buckets without one are not listed. Classes that
 * entered the head by their codes must not be left.
 */
export function estimateThinned(
  index: DerivedIndex,
  proposal: Proposal,
  draws: number,
  seed: bigint,
  isLeft: (position: number) => boolean,
) {
  const { tailTotal } = proposal.tail;
  const drawCount = tailTotal > 0 ? draws : 0;
  const chosen = Array.from({ length: drawCount }, (_, j) => {
    const { uniform, word } = randomOfDraw(seed, proposal.prepared, PURPOSE_TAIL, j);
    const { bucket, position } = drawFromTail(index, proposal, (j + uniform) * (tailTotal / drawCount), word);
    const { first, count, end } = positionsOf(index, bucket);
    const drawn = unitsBeside(index, bucket, proposal.coded ?? new Set());
    const factorOf = (units: number, own: number): number =>
      bucketFactor(index, proposal.tail, bucket) * (units / shareWidth(index.shares, own, end));
    if (count > MOST_LOOKED_AT) return { position, part: isLeft(position) ? 1 : 0, factor: factorOf(drawn, position) };
    const left = Array.from({ length: count }, (_, i) => first + i).filter(isLeft);
    const units = left.reduce((sum, p) => sum + shareWidth(index.shares, p, end), 0);
    if (units === 0) return { position: -1, part: 0, factor: 0 };
    const own = positionAmong(index, bucket, word, units, isLeft);
    return { position: own, part: units / drawn, factor: factorOf(units, own) };
  });
  const kept = chosen.filter(({ part }) => part > 0);
  const drawPositions = Int32Array.from(kept, ({ position }) => position);
  const drawScores = scorePositions(index, proposal.prepared, drawPositions);
  const none = new Float64Array(drawCount);
  const logX = none.map((_, j) => (j < kept.length ? at(drawScores, j) * index.inverseTemperature : 0));
  const factors = none.map((_, j) => kept[j]?.factor ?? 0);
  const logs = logX.map((logit, j) => logit + logFloor(at(factors, j))).subarray(0, kept.length);
  const logShift = drawCount > 0 ? Math.max(headShift(index, proposal), ...logs) : proposalShift(index, proposal);
  const meanOf = (value: (part: number) => number): number =>
    kept.reduce((sum, { part }) => sum + value(part), 0) / drawCount;
  return {
    ...{ drawPositions, drawScores, logX: logX.subarray(0, kept.length), factors, logShift },
    keptShare: meanOf((part) => part),
    keptSquare: meanOf((part) => part * part),
    headMass: headPart(index, proposal, logShift),
    ...weighDraws(logX, factors, logShift, tailPart(proposal, logShift)),
  };
}

/** Returns the means, over such draws, of the part of a bucket that a pilot leaves, and of its square. */
export function pilotThinned(...draws: Parameters<typeof estimateThinned>): { keptShare: number; keptSquare: number } {
  const { keptShare, keptSquare } = estimateThinned(...draws);
  return { keptShare, keptSquare };
}
