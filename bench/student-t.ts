/** Two-sided 95 % points of Student's t, by degrees of freedom from 1. */
const T95 = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131, 2.12, 2.11,
  2.101, 2.093, 2.086,
] as const;
/** The points at larger degrees of freedom, from the largest. */
const LATER = [
  [1000, 1.962],
  [100, 1.984],
  [50, 2.009],
  [30, 2.042],
  [T95.length, 2.086],
] as const;

/** Returns the point at the largest degrees of freedom here that are not above `freedom`, so intervals are never too narrow. */
export function studentT95(freedom: number): number {
  if (!(freedom >= 1)) throw new RangeError(`expected at least one degree of freedom, got ${freedom}`);
  return T95[Math.floor(freedom) - 1] ?? (LATER.find(([from]) => freedom >= from)?.[1] as number);
}
