import { PURPOSE_TAIL } from "../../src/abi.ts";
import { at } from "./at.ts";
import type { DerivedIndex } from "./buckets.ts";
import { log64 } from "./log.ts";
import { positionsOf } from "./reference-index.ts";
import { scorePositions } from "./score.ts";
import {
  drawFromTail,
  headPart,
  headShift,
  type Proposal,
  proposalShift,
  randomOfDraw,
  tailPart,
  weighDraws,
} from "./search.ts";
import { bucketLogMass, inverseShare, positionAmong, shareWidth, unitsBeside } from "./tail.ts";

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
    if (count > MOST_LOOKED_AT) return { bucket, position, part: isLeft(position) ? 1 : 0 };
    const left = Array.from({ length: count }, (_, i) => first + i).filter(isLeft);
    const units = left.reduce((sum, p) => sum + shareWidth(index.shares, p, end), 0);
    const part = units / unitsBeside(index, bucket, proposal.coded ?? new Set());
    return { bucket, position: positionAmong(index, bucket, word, units, isLeft), part };
  });
  const kept = chosen.filter(({ part }) => part > 0);
  const drawPositions = Int32Array.from(kept, ({ position }) => position);
  const drawScores = scorePositions(index, proposal.prepared, drawPositions);
  const logTail = proposal.massShift + log64(tailTotal);
  const none = new Float64Array(drawCount);
  const logX = none.map((_, j) => {
    const draw = kept[j];
    if (draw === undefined) return 0;
    return at(drawScores, j) * index.inverseTemperature - (bucketLogMass(index, proposal, draw.bucket) - logTail);
  });
  const factors = none.map((_, j) => {
    const draw = kept[j];
    return draw === undefined ? 0 : inverseShare(index, draw.bucket, draw.position) * draw.part;
  });
  const logs = logX.filter((_, j) => at(factors, j) > 0);
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
