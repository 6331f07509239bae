import type { Drift } from "./drift.ts";

/** What is known of the drift of a measure. */
type DriftOf = Pick<Drift, "value" | "error" | "mean" | "recent">;

/** What an index needs, from the cheapest to the most expensive. */
export const UPKEEP = ["nothing", "reassign", "relearn", "rebuild"] as const;
export type Upkeep = (typeof UPKEEP)[number];

/** A drift is one from so many of its standard errors on: by chance, it is there in one look of 16,000. */
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
  const isFar = (drift: DriftOf | undefined, least: number): boolean =>
    Math.abs(drift?.value ?? 0) >= Math.max(least, ERRORS * (drift?.error ?? 0));
  if (isFar(logPartition, MOVED) || isFar(headShare, MOVED)) return "rebuild";
  return worth && isFar(worth, 0) ? dueByGrowth(worth.mean / worth.recent) : "nothing";
}

/** Says what is due if changes fill more than half of their room, too: time to build anew, with the codebooks that are there. */
export const dueWithChanges = (
  due: Upkeep | undefined,
  changes: { readonly rowCount: number; readonly maxDelta: number } | undefined,
): Upkeep | undefined =>
  changes && 2 * changes.rowCount > changes.maxDelta && (due ?? "nothing") === "nothing" ? "reassign" : due;
