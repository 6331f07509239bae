import type { FileInfo } from "../index/info.ts";
import type { ChangeSet } from "./change-set.ts";
import type { LoggedSet, SetToLog } from "./logged-set.ts";
import { splitMetadata } from "./split-metadata.ts";

/**
 * Returns the changes of a set of the log in the form for an index, which takes only those metadata that are values in its
 * columns. TypeError and RangeError name the element that it does not take.
 */
export function changeSetOf(
  { upserts, removals, space }: LoggedSet | SetToLog,
  { columns }: Pick<FileInfo, "columns">,
): ChangeSet {
  return {
    ...(upserts && {
      upserts: {
        labels: upserts.labels,
        rows: upserts.rows,
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
  columns: FileInfo["columns"],
): object {
  const { beside: _, ...values } = splitMetadata(metadata, columns);
  return values;
}
