import type { FoundTargets } from "./names.ts";

/** The ids of the names of a sequence, with gaps for unknown names. */
export type WithGaps = readonly (number | undefined)[];

/** Leaves out names that have no id. */
export const withoutGaps = (ids: WithGaps): number[] => ids.filter((id) => id !== undefined);

/** Counts the targets where each name but the first of a sequence is predicted from those before it. */
export function everyTarget(rows: readonly WithGaps[]): FoundTargets {
  let [targets, measured] = [0, 0];
  for (const row of rows) {
    targets += Math.max(0, row.length - 1);
    measured += Math.max(0, withoutGaps(row).length - 1);
  }
  return { targets, unmeasured: targets - measured };
}

/**
 * Leaves out sequences whose last name is unknown, where only the last name is a target: without its unknown name, a sequence
 * would be measured by the name before it.
 */
export function lastTargets(rows: readonly WithGaps[]): FoundTargets & { readonly measured: readonly WithGaps[] } {
  const targets = rows.filter(({ length }) => length > 1).length;
  const measured = rows.filter((row) => row.at(-1) !== undefined && withoutGaps(row).length > 1);
  return { measured, targets, unmeasured: targets - measured.length };
}
