import type { ChangeSet, LoggedSet, SetToLog } from "../../src/changes/index.ts";

/** The changes of a set of the log, as an index takes them. */
export function changeSetOf({ upserts, removals }: LoggedSet | SetToLog): ChangeSet {
  return {
    ...(upserts && {
      upserts: { labels: upserts.labels, rows: upserts.rows, ...(upserts.biases && { biases: upserts.biases }) },
    }),
    ...(removals && { removals }),
  };
}
