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
  /** The value of 1 / T whose shares are taken. */
  readonly shares: number;
}

/** Returns the place of 1 / T that gives the weights of this very temperature. */
export const ownKnot = (inverse: number): KnotPlace => ({
  low: inverse,
  high: inverse,
  lowPart: 1,
  highPart: 0,
  shares: inverse,
});

/** Finds the place of 1 / T, which must be positive. A function of 1 / T alone. */
export function placeAmongKnots(inverse: number): KnotPlace {
  const above = KNOTS.findIndex((knot) => knot > inverse);
  const low = KNOTS[above - 1] as number;
  const high = KNOTS[above] as number;
  if (low === inverse) return ownKnot(inverse);
  if (high === Number.POSITIVE_INFINITY) return { low, high, lowPart: 1, highPart: inverse - low, shares: low };
  const highPart = (inverse - low) / (high - low);
  return { low, high, lowPart: 1 - highPart, highPart, shares: nearestShares(inverse, low, high) };
}

/**
 * What the weights in place are for. Those of proposals may be upper bounds of w_b, and their shares are of a temperature near
 * the call's. Those of envelopes may be upper bounds, too, but their shares are of this very temperature, so that no class has
 * less than its own weight. Exact weights are of this very temperature and no upper bounds.
 */
export type WeightKind = "proposal" | "envelope" | "exact";

/** Returns the place of 1 / T, which must be positive, for weights of a kind. A function of these two alone. */
export function placeFor(kind: WeightKind, inverse: number): KnotPlace {
  if (kind === "exact") return ownKnot(inverse);
  const place = placeAmongKnots(inverse);
  return kind === "envelope" ? { ...place, shares: inverse } : place;
}

/** Below 1 / T = ¼, shares are those of the nearest multiple of this. */
const SHARE_STEP = 2 ** -4;

/** Returns the 1 / T whose shares are taken: so near that draws have much the same weights, and few in number. */
function nearestShares(inverse: number, low: number, high: number): number {
  if (low === 0) return Math.round(inverse / SHARE_STEP) * SHARE_STEP || powerOfTwoBelow(inverse);
  return inverse * inverse < low * high ? low : high;
}

/** Returns the largest power of two that is not above 1 / T. Shares of 0 would hide biases that are large even so. */
function powerOfTwoBelow(inverse: number): number {
  let power = SHARE_STEP;
  while (power > inverse) power /= 2;
  return power;
}
