import { MOST_THINNED } from "../abi.ts";
import { LEAST_PART, SMALL_ALLOW } from "../answers/allowed-head.ts";
import type { EstimateRequest } from "../answers/probabilities.ts";
import type { TopEffort } from "../answers/top.ts";
import type { Thins } from "../memory/conditions.ts";

/** The fewest draws of a search that thins out: fewer say too little about how much of the tail a bitmap leaves. */
const LEAST_DRAWS = 32;

/**
 * Returns the rule by which a search thins out to a bitmap. It depends on the call and the bitmap's size alone. Undefined for
 * a search that always filters by weight. With fine codes, topK finds the same either way.
 */
export function thinsFor(effort: EstimateRequest | TopEffort): Thins | undefined {
  if (effort.exact) return undefined;
  if (!("draws" in effort)) return thinsUpTo(effort.rescore === undefined ? effort.scan : 0);
  const { proposal, scan, draws } = effort;
  return proposal === "codes" || scan === "auto" || draws < LEAST_DRAWS ? undefined : thinsUpTo(Math.max(scan, draws));
}

const thinsUpTo =
  (size: number): Thins =>
  (left, { itemCount, dispersion }) =>
    dispersion !== undefined &&
    left > SMALL_ALLOW &&
    left * LEAST_PART >= itemCount &&
    size * itemCount <= MOST_THINNED * left;
