import type { Drift } from "./drift.ts";

/** What is known of the drift of a measure. */
type DriftOf = Pick<Drift, "value" | "error" | "mean" | "recent">;

/** What an index needs, from the cheapest to the most expensive. */
export const UPKEEP = ["nothing", "reassign", "relearn", "rebuild"] as const;
export type Upkeep = (typeof UPKEEP)[number];

/**
 * A drift is known with so small an error: from 34 answers on, if the build had 100 queries. Among ten, one odd query can move
 * the mean by a deviation.
 */
const KNOWN = 0.2;
/** A draw is worth less if the drift is so many of its errors: by chance, that is so in one look of 16,000. */
const ERRORS = 4;
/** A drift of so many deviations of the build is one of the queries, not of the index. */
const MOVED = 1;
/** How many times as many draws it may take to be worth as much, as in the sampler's own rule (docs/upkeep.md). */
const REASSIGN_AT = 1.1;
const RELEARN_AT = 1.5;

/** Says what is due if so many times as much is lost, of the worth of a draw or by residuals. */
export const dueByGrowth = (growth: number): Upkeep =>
  growth < REASSIGN_AT ? "nothing" : growth < RELEARN_AT ? "reassign" : "relearn";

/** Says what is due by the drift of the measures. */
export function dueBy([logPartition, worth, headShare]: readonly DriftOf[]): Upkeep {
  const isFar = ({ value = 0, error }: DriftOf, least: number): boolean => error <= KNOWN && Math.abs(value) >= least;
  if ([logPartition, headShare].some((drift) => drift && isFar(drift, MOVED))) return "rebuild";
  return worth && isFar(worth, ERRORS * worth.error) ? dueByGrowth(worth.mean / worth.recent) : "nothing";
}

/** Says what is due if changes fill more than half of their room, too: time to build anew, with the codebooks that are there. */
export const dueWithChanges = (
  due: Upkeep | undefined,
  changes: { readonly rowCount: number; readonly maxDelta: number } | undefined,
): Upkeep | undefined =>
  changes && 2 * changes.rowCount > changes.maxDelta && (due ?? "nothing") === "nothing" ? "reassign" : due;
