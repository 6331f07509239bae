import { LARGEST_THINNED } from "../abi.ts";
import { LEAST_PART, SMALL_ALLOW } from "../answers/allowed-head.ts";
import { DEFAULT_DRAWS, DEFAULT_SCAN } from "../answers/options.ts";
import type { EstimateRequest } from "../answers/probabilities.ts";
import type { TopEffort } from "../answers/top.ts";
import type { IndexFacts } from "../format/facts.ts";
import type { Thins, ThinsAt } from "../memory/conditions.ts";

/** The fewest draws of a search that thins out: fewer say too little about how much of the tail a bitmap leaves. */
const LEAST_DRAWS = 32;

/**
 * An estimate also thins out to a smaller part of the classes, one of so many. Scoring them all would take longer than two
 * predicts. With one of 32, bars cover less than 95 % (docs/method.md, 4).
 */
const LEAST_PART_OF_ESTIMATE = 16;

/** The effort of a search that may thin out. */
export type SearchEffort = Pick<EstimateRequest, "exact" | "proposal" | "scan" | "draws"> | TopEffort;

/** The effort of the search that gives decode, exact draws and exact topK their first threshold. */
export const FIRST_SEARCH: SearchEffort = { exact: true, scan: DEFAULT_SCAN };

/**
 * Returns the rules by which a search thins out. They depend on the call and on how many classes are left alone. Undefined for a
 * search that always filters by weight.
 *
 * Columns always filter by weight where an exact answer follows: bounds then leave out whole buckets, and batches read rows
 * together. They also do where fine codes are read, with which topK finds the same either way. In an estimate, they thin out to an
 * eighth of the classes only: many calls have the same filter, and a smaller part is often scored.
 */
export function thinsFor(effort: SearchEffort): Thins | undefined {
  if (!("draws" in effort)) {
    if (effort.exact)
      return { at: byEstimate(DEFAULT_SCAN, DEFAULT_DRAWS, LEAST_PART_OF_ESTIMATE), atColumns: undefined };
    const { scan, rescore } = effort;
    const at: ThinsAt = (left, total, facts) =>
      isEnough(left, total, facts, rescore === undefined ? scan : 0, LEAST_PART);
    return { at, atColumns: rescore === undefined ? at : undefined };
  }
  const { exact, proposal, scan, draws } = effort;
  if (exact || proposal !== "buckets" || scan === "auto") return undefined;
  return { at: byEstimate(scan, draws, LEAST_PART_OF_ESTIMATE), atColumns: byEstimate(scan, draws, LEAST_PART) };
}

/** Returns the rule of estimates with this effort that thin out to one of `leastPart` classes. */
const byEstimate =
  (scan: number, draws: number, leastPart: number): ThinsAt =>
  (left, total, facts, made = { scan, draws }) =>
    made.draws >= LEAST_DRAWS && isEnough(left, total, facts, Math.max(made.scan, made.draws), leastPart);

/** Returns whether enough classes of a total are left for a search of this size to thin out. */
const isEnough = (left: number, total: number, { dispersion }: IndexFacts, size: number, leastPart: number): boolean =>
  dispersion !== undefined &&
  left > Math.max(size, SMALL_ALLOW) &&
  left * leastPart >= total &&
  size * total <= LARGEST_THINNED * left;
