import { LARGEST_THINNED } from "../abi.ts";
import { LEAST_PART, SMALL_ALLOW } from "../answers/allowed-head.ts";
import { DEFAULT_DRAWS, DEFAULT_SCAN } from "../answers/options.ts";
import type { EstimateRequest } from "../answers/probabilities.ts";
import type { TopEffort } from "../answers/top.ts";
import type { IndexFacts } from "../format/facts.ts";
import type { Thins } from "../memory/conditions.ts";

/** The fewest draws of a search that thins out: fewer say too little about how much of the tail a bitmap leaves. */
const LEAST_DRAWS = 32;

/**
 * An estimate also thins out to a smaller part of the classes, one of so many. Scoring them all would take longer than two
 * predicts. With one of 32, bars cover less than 95 % (docs/method.md, 4).
 */
const LEAST_PART_OF_ESTIMATE = 16;

/** The effort of a search that a bitmap may thin out. */
export type SearchEffort = Pick<EstimateRequest, "exact" | "proposal" | "scan" | "draws"> | TopEffort;

/** The effort of a default search. The searches of decode, of exact draws and of exact topK thin out where it does. */
export const DEFAULT_SEARCH: SearchEffort = {
  exact: false,
  proposal: "buckets",
  scan: DEFAULT_SCAN,
  draws: DEFAULT_DRAWS,
};

/**
 * Returns the rule by which a search thins out to a bitmap. It depends on the call and the bitmap's size alone. Undefined for
 * a search that always filters by weight. With fine codes, topK finds the same either way.
 */
export function thinsFor(effort: SearchEffort): Thins | undefined {
  if (effort.exact) return "draws" in effort ? undefined : thinsFor(DEFAULT_SEARCH);
  if (!("draws" in effort)) {
    const size = effort.rescore === undefined ? effort.scan : 0;
    return (left, total, facts) => isEnough(left, total, facts, size, LEAST_PART);
  }
  const { proposal, scan, draws } = effort;
  if (proposal !== "buckets" || scan === "auto") return undefined;
  return (left, total, facts, made = { scan, draws }) =>
    made.draws >= LEAST_DRAWS && isEnough(left, total, facts, Math.max(made.scan, made.draws), LEAST_PART_OF_ESTIMATE);
}

/** Returns whether enough classes of a total are left for a search of this size to thin out. */
const isEnough = (left: number, total: number, { dispersion }: IndexFacts, size: number, leastPart: number): boolean =>
  dispersion !== undefined &&
  left > Math.max(size, SMALL_ALLOW) &&
  left * leastPart >= total &&
  size * total <= LARGEST_THINNED * left;
