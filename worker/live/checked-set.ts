import { changeSetOf } from "../../src/changes/change-set-of.ts";
import { checkChanges, type DeltaFullError, type SetToLog } from "../../src/changes/index.ts";
import type { MultiIndex } from "../../src/public.ts";
import { LiveProblem } from "../contract/live-problems.ts";
import { Problem } from "../contract/problem.ts";
import type { NameOf } from "./given-changes.ts";

/**
 * Checks changes against the index that is served, so that no set of the log is refused later by who reads it.
 *
 * @throws Problem 400 that names the element, and LiveProblem 507 where changes would hold more than `maxDelta` rows
 */
export function checkSet(index: MultiIndex, set: SetToLog, maxDelta: number, nameOf: NameOf): void {
  const { rowCount: before = 0, addedCount: added = 0 } = index.info.changes ?? {};
  const after = counted(index, set, nameOf);
  // What does not make the changes more may always be written.
  if (after.rowCount > maxDelta && after.rowCount > before) throw full(after.rowCount, maxDelta);
  if (after.addedCount > maxDelta && after.addedCount > added) throw full(after.addedCount, maxDelta);
}

function counted(index: MultiIndex, set: SetToLog, nameOf: NameOf): { rowCount: number; addedCount: number } {
  try {
    return checkChanges(index, changeSetOf(set, index.info));
  } catch (error) {
    const { name, message, code, count, maxDelta } = error as Error &
      Pick<DeltaFullError, "code" | "count" | "maxDelta">;
    if (code === "delta_full") throw full(count, maxDelta); // by its code: the index may be of another bundle
    if (name !== "RangeError" && name !== "TypeError") throw error;
    throw new Problem("invalid_field", inFieldNames(message, index.info.dim, nameOf));
  }
}

const full = (count: number, maxDelta: number): LiveProblem =>
  new LiveProblem(
    "delta_full",
    `changes expected at most ${maxDelta} rows or new labels (MAX_DELTA), got ${count}: publish a version that has the changes so far (midx compact), or raise MAX_DELTA`,
  );

/** Writes a message of the library with the names of the request. */
const inFieldNames = (message: string, dim: number, nameOf: NameOf): string =>
  message
    .replace(/^"upserts\.rows"\[(\d+)\]/, (_, at) => `"${nameOf("rows", Math.floor(at / dim))}[${at % dim}]"`)
    .replace(/^"upserts\.(labels|biases|namespaces)"\[(\d+)\]/, (_, list, i) => `"${nameOf(list, Number(i))}"`)
    .replace(
      /^"upserts\.(rows|biases)" of row (\d+), .*?, expected/s,
      (_, list, i) => `"${nameOf(list, Number(i))}" expected`,
    )
    .replace(/^"metadata"\[(\d+)\](\.\S*)?/, (_, i, name = "") =>
      name === ".$namespace" ? `"${nameOf("namespaces", Number(i))}"` : `"${nameOf("metadata", Number(i))}${name}"`,
    )
    .replace(/^"removals"\[(\d+)\]/, (_, i) => `"${nameOf("labels", Number(i))}"`)
    .replace(/^"upserts(?:\.(\w+))?"/, (_, list = "labels") => `"${list}"`);
