import type { ColumnFacts } from "../format/columns.ts";
import type { ChangeSet } from "./change-set.ts";
import type { LoggedSet } from "./logged-set.ts";
import { splitMetadata } from "./split-metadata.ts";

/** Returns a set of a log as changes of an index with these columns. What of its metadata is in no column lies beside the index. */
export function changeSetOf({ upserts, removals, space }: LoggedSet, columns: readonly ColumnFacts[] = []): ChangeSet {
  const common = { removals, ...(space !== undefined && { space }) };
  if (!upserts) return common;
  const { labels, rows, biases, metadata } = upserts;
  const { beside: _, columns: values, ...namespaces } = splitMetadata(metadata ?? [], columns);
  const ofColumns = metadata && { columns: values, ...namespaces };
  return { ...common, upserts: { labels, rows, ...(biases && { biases }), ...ofColumns } };
}
