import { fineCount, rowBytes } from "../../format/tensors.ts";
import type { BaseIndex } from "./base-index.ts";
import type { ResolvedChanges } from "./resolved-changes.ts";

/** Codes, squares, ids, positions, labels and orders of a class, beside what the file holds, with room. */
const WORK_BYTES = 64;
/** The memory of the train module and of chunks of rows. */
const FIXED_BYTES = 8 * 2 ** 20;

/** RangeError if the older file, the changes, the new file and the work on them take more than `maxBytes` together. */
export function checkRoom(
  { facts }: BaseIndex,
  file: Uint8Array,
  { oldIds, fresh, added }: ResolvedChanges,
  maxBytes: number | undefined,
): void {
  if (maxBytes === undefined) return;
  const needed = compactionBytes({
    fileBytes: file.byteLength,
    // As they came, and in one table.
    changeBytes: 2 * fresh.rows.byteLength * (facts.residuals ? 2 : 1),
    addedBytes: added.length * (rowBytes(facts) * (facts.residuals ? 2 : 1) + fineCount(facts) / 2),
    classCount: Math.max(facts.itemCount, oldIds.length),
    fineBytes: fineCount(facts) / 2,
  });
  if (needed <= maxBytes) return;
  throw new RangeError(
    `"maxBytes" expected at least ${needed} for the file of ${file.byteLength} bytes, the changes and the new file, got ` +
      `${maxBytes}: compact it where there is more memory, with midx compact`,
  );
}

/** Returns about how much memory a compaction takes, in bytes. */
export function compactionBytes(sizes: {
  readonly fileBytes: number;
  readonly changeBytes: number;
  readonly addedBytes: number;
  readonly classCount: number;
  /** Bytes of the fine codes of a class. */
  readonly fineBytes: number;
}): number {
  const { fileBytes, changeBytes, addedBytes, classCount, fineBytes } = sizes;
  return Math.ceil(2 * fileBytes + changeBytes + addedBytes + classCount * (WORK_BYTES + fineBytes) + FIXED_BYTES);
}
