import type { OpenedIndex } from "../memory/opened-index.ts";

// Classes whose logits the call changes are in every head. Searches without a head look at them apart.

/** Offers the changed classes to the k best in topIds and topScores, and returns their number. */
export function offerChanged({ kernels, plan, conditions }: OpenedIndex, k: number): number {
  const { changedPositions, changedScores } = plan.regions;
  kernels.topPush(plan.layout, changedPositions, changedScores, conditions.changedCount, k);
  return conditions.changedCount;
}

/** Computes the logarithm of the mass of the changed classes. There must be at least one. */
export function logMassOfChanged({ kernels, plan, conditions }: OpenedIndex): number {
  const { changedCount, inverseTemperature } = conditions;
  const top = kernels.maxOf(plan.regions.changedScores, changedCount);
  const sum = kernels.sumExp(plan.regions.changedScores, changedCount, top, inverseTemperature);
  return top * inverseTemperature + kernels.log64(sum);
}

/** The part of a changed logit that rounding to f32 and 1 / T can take, with room. */
const ROUNDING = 2 ** -22;
/** The part of a penalty, which may cancel a logit, that f64 can take, with room. */
const ROUNDING_F64 = 2 ** -48;

/**
 * Returns the largest error of a changed logit over T, where `slack` is the largest error of the unchanged one: the repetition
 * penalty multiplies errors by itself or its inverse, and the result is rounded to f32.
 */
export function slackOfChanged({ kernels, plan, conditions }: OpenedIndex, slack: number): number {
  const { changedCount, inverseTemperature } = conditions;
  const { buffer } = kernels.memory;
  const scores = new Float32Array(buffer, plan.regions.changedScores, changedCount);
  const counts = new Int32Array(buffer, plan.regions.changedCounts, changedCount);
  const [repetition, presence, frequency] = new Float64Array(buffer, plan.regions.penalties, 3) as unknown as Numbers;
  let largest = 0;
  let times = 0;
  for (let i = 0; i < changedCount; i++) {
    largest = Math.max(largest, Math.abs(scores[i] as number));
    times = Math.max(times, counts[i] as number);
  }
  const stretch = times > 0 ? Math.max(repetition, 1 / repetition) : 1;
  const penalty = times > 0 ? Math.abs(presence) + Math.abs(frequency) * times : 0;
  return stretch * slack * (1 + ROUNDING) + inverseTemperature * (largest * ROUNDING + penalty * ROUNDING_F64);
}

type Numbers = readonly [repetition: number, presence: number, frequency: number];
