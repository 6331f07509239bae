/**
 * Values of 1 / T at which the weights of all buckets are kept, ascending. Between two of them log w_b is taken on the chord
 * (docs/method.md, 2), and beyond the last it grows with the largest bias of the bucket, which stands for Infinity.
 */
export const KNOTS = [
  ...[0, 0.25, Math.fround(Math.SQRT1_2 / 2), 0.5, Math.fround(Math.SQRT1_2), 1, Math.fround(Math.SQRT2), 2],
  ...[Math.fround(2 * Math.SQRT2), 4, 8, 16, Number.POSITIVE_INFINITY],
];

/** The place of 1 / T among knots: log w_b = lowPart · (its value at `low`) + highPart · (its value at `high`). */
export interface KnotPlace {
  /** Values of 1 / T. */
  readonly low: number;
  readonly high: number;
  readonly lowPart: number;
  readonly highPart: number;
}

/** Returns the place of 1 / T that gives the weights of this very temperature. */
export const ownKnot = (inverse: number): KnotPlace => ({ low: inverse, high: inverse, lowPart: 1, highPart: 0 });

/** Finds the place of 1 / T, which must be positive. A function of 1 / T alone. */
export function placeAmongKnots(inverse: number): KnotPlace {
  const above = KNOTS.findIndex((knot) => knot > inverse);
  const low = KNOTS[above - 1] as number;
  const high = KNOTS[above] as number;
  if (low === inverse) return ownKnot(inverse);
  if (high === Number.POSITIVE_INFINITY) return { low, high, lowPart: 1, highPart: inverse - low };
  const highPart = (inverse - low) / (high - low);
  return { low, high, lowPart: 1 - highPart, highPart };
}

/**
 * Returns where shares come from at 1 / T, which has this place among knots: the mean of those at the knots, or those of 1 / T itself.
 * With a knot at 0 the mean could give a class that has nearly all of its bucket no more than any other class, and beyond the last
 * knot there is none above.
 */
export const placeOfShares = (place: KnotPlace, inverse: number): KnotPlace =>
  place.low > 0 && place.high < Number.POSITIVE_INFINITY ? place : ownKnot(inverse);
