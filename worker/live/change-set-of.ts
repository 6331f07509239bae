import { type ChangeSet, type LoggedSet, type SetToLog, splitMetadata } from "../../src/changes/index.ts";
import type { IndexInfo } from "../../src/public.ts";

/**
 * The changes of a set of the log, as an index takes them: of metadata it takes the values in its columns. TypeError and RangeError
 * name the element that it does not take.
 */
export function changeSetOf(
  { upserts, removals, space }: LoggedSet | SetToLog,
  { columns }: Pick<IndexInfo, "columns">,
): ChangeSet {
  return {
    ...(upserts && {
      upserts: {
        ...{ labels: upserts.labels, rows: upserts.rows },
        ...(upserts.biases && { biases: upserts.biases }),
        ...(upserts.metadata && valuesOf(upserts.metadata, columns)),
      },
    }),
    ...(removals && { removals }),
    ...(space !== undefined && { space }),
  };
}

function valuesOf(
  metadata: NonNullable<NonNullable<SetToLog["upserts"]>["metadata"]>,
  columns: IndexInfo["columns"],
): object {
  const { beside: _, ...values } = splitMetadata(metadata, columns);
  return values;
}
