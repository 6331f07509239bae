import type { DriftedState, Upkeep } from "./result.ts";

export const upkeepOf = ({ upkeep }: DriftedState, name: string): Upkeep => {
  const found = upkeep.find((one) => one.name === name);
  if (found === undefined) throw new RangeError(`"upkeep" expected one that is ${name}`);
  return found;
};

/**
 * Training steps until better draws make up for the time that `done` takes longer than `other`. If a draw is worth b instead
 * of a, the same number of effective draws takes a/b of the time of a whole step. Infinity if draws are not worth more.
 */
export function paybackSteps({ stepMillis }: DriftedState, done: Upkeep, other: Upkeep): number {
  const gain = done.effectiveSampleShare / other.effectiveSampleShare - 1;
  const extra = 1000 * (done.seconds - other.seconds);
  if (extra <= 0) return 0;
  return gain > 0 ? extra / (gain * stepMillis) : Number.POSITIVE_INFINITY;
}
