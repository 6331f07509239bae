import type { DriftedState, Upkeep } from "./result.ts";

export const upkeepOf = ({ upkeep }: DriftedState, name: string): Upkeep => {
  const found = upkeep.find((one) => one.name === name);
  if (found === undefined) throw new RangeError(`"upkeep" expected one that is ${name}`);
  return found;
};

/**
 * Training steps until what `done` takes longer than `other` is made up for by draws that are worth more: with a draw worth b
 * in place of a, as many effective draws take a/b of the time, of all of a step. Infinity where they are worth no more.
 */
export function paybackSteps({ stepMillis }: DriftedState, done: Upkeep, other: Upkeep): number {
  const gain = done.effectiveSampleShare / other.effectiveSampleShare - 1;
  const extra = 1000 * (done.seconds - other.seconds);
  if (extra <= 0) return 0;
  return gain > 0 ? extra / (gain * stepMillis) : Number.POSITIVE_INFINITY;
}
