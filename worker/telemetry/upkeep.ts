import type { Fullest } from "../host/drift-watch.ts";
import type { Drift } from "./drift.ts";

/** The known figures of the drift of a measure. */
type DriftOf = Pick<Drift, "value" | "error" | "mean" | "recent">;

/** The kinds of upkeep that an index may need, from the cheapest to the most expensive. */
export const UPKEEP = ["nothing", "reassign", "relearn", "rebuild"] as const;
export type Upkeep = (typeof UPKEEP)[number];

/**
 * The largest error at which a drift counts as known: from 34 answers on, if the build had 100 queries. Among ten, one odd
 * query can move the mean by a deviation.
 */
export const KNOWN = 0.2;
/** A draw is worth less if the drift is this many of its errors or more: by chance, that is so in one look of 16,000. */
export const ERRORS = 4;
/** A drift of this many deviations of the build or more is one of the queries, not of the index. */
const MOVED = 1;
/**
 * The factor on the number of draws for the same worth that makes a reassignment due, as in the sampler's own rule
 * (docs/upkeep.md).
 */
const REASSIGN_AT = 1.1;
const RELEARN_AT = 1.5;

/** Returns the upkeep that is due if the worth of a draw has shrunk, or residual energy has grown, by this factor. */
export const dueByGrowth = (growth: number): Upkeep =>
  growth < REASSIGN_AT ? "nothing" : growth < RELEARN_AT ? "reassign" : "relearn";

/** Returns the upkeep that is due by the drift of the measures. */
export function dueBy([logPartition, worth, headShare]: readonly DriftOf[]): Upkeep {
  const isFar = ({ value = 0, error }: DriftOf, least: number): boolean => error <= KNOWN && Math.abs(value) >= least;
  if ([logPartition, headShare].some((drift) => drift && isFar(drift, MOVED))) return "rebuild";
  return worth && isFar(worth, ERRORS * worth.error) ? dueByGrowth(worth.mean / worth.recent) : "nothing";
}

/**
 * Returns the upkeep that is due with changes, too: if they fill more than half of their room, a build with the existing
 * codebooks.
 */
export const dueWithChanges = (due: Upkeep | undefined, changes: Fullest | undefined): Upkeep | undefined =>
  changes && 2 * changes.rowCount > changes.maxDelta && (due ?? "nothing") === "nothing" ? "reassign" : due;
