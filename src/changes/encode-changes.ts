import { checkCount, isTypedArray, kindOf } from "../checks/check.ts";
import { checkIndex } from "../checks/check-index.ts";
import { optionsWithoutNull } from "../checks/known-options.ts";
import type { RowType } from "../format/facts.ts";
import type { MultiIndex } from "../index/multi-index.ts";
import type { PartedIndex } from "../parts/parted-index.ts";
import type { ChangeSet } from "./change-set.ts";
import type { FileFacts } from "./changeable.ts";
import { factsOfFile } from "./changeable-index.ts";
import { changeableParts, isParted } from "./changeable-parts.ts";
import { decodeChanges, encodeStored } from "./changes-file.ts";
import { copyChangeSet } from "./copied-change-set.ts";

/** The place of the changes of a file in the log of all changes of an index. */
export interface SequenceRange {
  /**
   * The sequence number that an index must have reached before. Default: that of the file, of parts the largest of their files:
   * 0 unless they were compacted.
   */
  readonly after?: number;
  /** The sequence number of an index that has them. Default: `after` plus 1. */
  readonly sequence?: number;
}

/**
 * Writes a change set as a file, with its rows as the index stores them. Nothing is applied.
 *
 * @param index the index that the changes are for, loaded in any way, or a PartedIndex that takes changes
 * @param changes what to change
 * @param range the place of the changes in the log
 * @returns the bytes of a file of changes
 * @throws RangeError and TypeError that name the label or value
 *
 * @example
 * const bytes = encodeChanges(index, { removals: ["sold out"] }, { after: 7, sequence: 8 });
 */
export function encodeChanges(
  index: MultiIndex | PartedIndex,
  changes: ChangeSet,
  range: SequenceRange = {},
): Uint8Array<ArrayBuffer> {
  checkIndex<{ readonly dim: number }>(index);
  return encodeFor(isParted(index) ? changeableParts(index) : factsOfFile(index), changes, range);
}

/** Writes a change set as a file for an index that is known by its facts. Throws as encodeChanges does. */
export function encodeFor(
  { first, target, contentId }: FileFacts,
  changes: ChangeSet,
  range: SequenceRange,
): Uint8Array<ArrayBuffer> {
  const given = optionsWithoutNull("encodeChanges", range, ["after", "sequence"]);
  const { after = first, sequence = after + 1 } = given;
  checkCount("after", after, Number.MAX_SAFE_INTEGER, "2^53 − 1");
  checkCount("sequence", sequence, Number.MAX_SAFE_INTEGER, "2^53 − 1");
  if (sequence <= after) throw new RangeError(`"sequence" expected more than "after", ${after}, got ${sequence}`);
  return encodeStored({ ...copyChangeSet(changes, target), after, sequence }, { ...target, contentId });
}

/** The content of a file of changes. */
export interface ChangesFileInfo {
  /** The content id of the index that the changes belong to. */
  readonly contentId: string;
  /** The sequence number that an index must have reached before. */
  readonly after: number;
  /** The sequence number of an index that has the changes. */
  readonly sequence: number;
  /** The number of values in a row. */
  readonly dim: number;
  /** The type of the stored rows, which is that of the index. */
  readonly rowType: RowType;
  /** True if the rows have biases. */
  readonly hasBias: boolean;
  /** True if the rows have residuals, as in the index. */
  readonly hasResiduals: boolean;
  /** The name of the space that the rows are of, if the changes state it. */
  readonly space?: string;
  /** The names of the columns of the index, if upserts have values in columns. */
  readonly columns?: readonly string[];
  /** The labels of the upserts, in their order. */
  readonly upserts: readonly string[];
  /** The labels of the removals, in their order. */
  readonly removals: readonly string[];
  /** The size of the file in bytes. */
  readonly fileBytes: number;
}

/**
 * Reads and checks a file of changes, every byte of it, without an index.
 *
 * @param bytes the file
 * @returns its content
 * @throws FormatError for a file that is damaged, cut short or not a file of changes
 *
 * @example
 * const { contentId, sequence, removals } = readChanges(bytes);
 */
export function readChanges(bytes: Uint8Array): ChangesFileInfo {
  if (!isTypedArray(bytes, "Uint8Array")) throw new TypeError(`"bytes" expected a Uint8Array, got ${kindOf(bytes)}`);
  const { facts, labels } = decodeChanges(bytes);
  const { contentId, after, sequence, dim, rows, hasBias, hasResiduals, columns, space } = facts;
  const named = (isUpsert: boolean): string[] =>
    labels.filter(({ row }) => row >= 0 === isUpsert).map(({ label }) => label);
  return {
    contentId,
    after,
    sequence,
    dim,
    hasBias,
    hasResiduals,
    rowType: rows,
    ...(space !== "" && { space }),
    ...(columns.length > 0 && { columns: columns.map(({ name }) => name) }),
    upserts: named(true),
    removals: named(false),
    fileBytes: bytes.byteLength,
  };
}
