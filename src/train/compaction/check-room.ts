import { fineCount, rowBytes } from "../../format/tensors.ts";
import type { BaseIndex } from "./base-index.ts";
import type { ClassCounts } from "./resolved-changes.ts";

/** Codes, squares, ids, positions, labels and orders of a class, beside what the file holds, with room. */
const WORK_BYTES = 64;
/** The bytes that JavaScript keeps for a value of a column and for a label that changes name. */
const COLUMN_BYTES = 32;
const LABEL_BYTES = 256;
/** The memory of the train module and of chunks of rows. */
const FIXED_BYTES = 8 * 2 ** 20;

/**
 * Throws a RangeError if the older file, the changes so far, the new file and the work on them take more than `maxBytes` together.
 */
export function checkRoom(
  { facts }: BaseIndex,
  file: Uint8Array,
  { changed, added, classes }: ClassCounts,
  maxBytes: number | undefined,
): void {
  if (maxBytes === undefined) return;
  const bytesOfRow = rowBytes(facts) * (facts.residuals ? 2 : 1);
  const classBytes = WORK_BYTES + COLUMN_BYTES * (facts.columns?.list.length ?? 0) + fineCount(facts) / 2;
  const needed = Math.ceil(
    2 * file.byteLength + // the new file is as large, except for additions
      added * (bytesOfRow + fineCount(facts) / 2) +
      changed * (2 * bytesOfRow + LABEL_BYTES) + // rows as they came, and in one table
      Math.max(facts.itemCount, classes) * classBytes +
      FIXED_BYTES,
  );
  if (needed <= maxBytes) return;
  throw new RangeError(
    `"maxBytes" expected at least ${needed} for the file of ${file.byteLength} bytes, the changes and the new file, got ` +
      `${maxBytes}: compact it where there is more memory, with midx compact`,
  );
}
