import { at } from "./at.ts";
import type { DerivedIndex } from "./buckets.ts";
import { log64 } from "./log.ts";
import type { SubScores } from "./mass-units.ts";
import { bucketLogMasses } from "./masses.ts";
import type { PreparedQuery } from "./query.ts";
import { type Residuals, UNIT } from "./residuals.ts";
import { sumExp } from "./search.ts";
import { LEAST_F32 } from "./weights.ts";

/** The bounds of a query's residual logits: |o_i / T − s_b − bias_i / T| ≤ f32(slope) · residualNorms[i] + slack. */
export interface Bounds {
  /** An upper bound of the query's norm. */
  readonly queryNorm: number;
  /** queryNorm / T. */
  readonly slope: number;
  /** The most that rounding can add. */
  readonly slack: number;
  /** The most by which a score over T can be off that of the query as given. */
  readonly scoreSlack: number;
}

/** A query with everything that its bounds need. */
export interface BoundedQuery extends SubScores, Bounds, Residuals {}

/** The bounds of a query (docs/method.md, section 5). */
export function prepareBounds(index: DerivedIndex, prepared: PreparedQuery, residuals: Residuals): Bounds {
  const { facts, inverseTemperature } = index;
  const step = index.rowScales ? prepared.queryStep : 0;
  let square = 0;
  let lost = 0;
  for (const [d, value] of prepared.query.entries()) {
    square += value * value;
    const missing = step > 0 ? value - at(prepared.fixedQuery, d) * step : 0;
    lost += missing * missing;
  }
  const { normBound, biasBound } = residuals;
  const fixedPointLoss = Math.sqrt(lost);
  const queryNorm = Math.sqrt(square) * (1 + UNIT);
  const sums = queryNorm * normBound * (4 * (facts.dim + 4) * UNIT + 16 * UNIT) + fixedPointLoss * normBound;
  return {
    queryNorm,
    slope: queryNorm * inverseTemperature * (1 + 4 * UNIT),
    slack: inverseTemperature * (sums + 16 * UNIT * biasBound) + 2 ** -100,
    scoreSlack: scoreSlack(index, residuals, queryNorm, fixedPointLoss),
  };
}

/** The most by which a score over T can be off, if fixed point loses a part of the query with the norm `lost`. */
export function scoreSlack(
  { facts: { dim }, rowScales, inverseTemperature }: DerivedIndex,
  { rowBound, biasBound }: Residuals,
  queryNorm: number,
  lost: number,
): number {
  const units = rowScales ? 10 : (dim / 4 + 6) * (1 + dim * UNIT);
  const sums = UNIT * (queryNorm * rowBound * units + 4 * biasBound) + lost * rowBound * (1 + 16 * UNIT);
  return inverseTemperature * (sums + (rowBound + 1) * 2 ** -112);
}

/** log Σ w_b e^(s_b + slope · radius) over the buckets outside the head, or −∞ if there are none. */
export function tailBound(
  index: DerivedIndex,
  { slotRadii, ...scores }: SubScores & Pick<Residuals, "slotRadii">,
  headSlots: Int32Array,
  slope: number,
): number {
  const { slotLogMasses } = bucketLogMasses(index, scores, slope, slotRadii);
  for (const slot of headSlots) slotLogMasses[slot] = LEAST_F32;
  const top = slotLogMasses.reduce((largest, value) => Math.max(largest, value), LEAST_F32);
  return top > LEAST_F32 ? top + log64(sumExp(slotLogMasses, top, 1)) : Number.NEGATIVE_INFINITY;
}
