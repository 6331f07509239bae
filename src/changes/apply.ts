import { checkCount, isTypedArray } from "../checks/check.ts";
import { checkIndex } from "../checks/check-index.ts";
import { knownOptions } from "../checks/known-options.ts";
import type { MultiIndex } from "../index/multi-index.ts";
import type { PartedIndex } from "../parts/parted-index.ts";
import { ANY_SIZE } from "./bounds.ts";
import type { AppliedChanges, ChangeSet, CheckedChanges, CheckOptions, SequenceOption } from "./change-set.ts";
import type { Changeable } from "./changeable.ts";
import { changeableIndex } from "./changeable-index.ts";
import { changeableParts, isParted } from "./changeable-parts.ts";
import { decodeChanges, encodeStored } from "./changes-file.ts";
import { checkFacts } from "./check-facts.ts";
import { copyChangeSet } from "./copied-change-set.ts";
import { checkSpace } from "./space.ts";
import type { StoredChanges } from "./stored-changes.ts";

/**
 * Applies changes to a loaded index. All later calls are about the changed classes: rows that were added are scored exactly in
 * every answer, and classes that were removed are in none (docs/changes.md). Ids stay: an upsert keeps the id of its label, and
 * new labels get the next ids in their order, also if they are removed and come again.
 *
 * In a PartedIndex, a change goes to the part that has its label, and a new label to the part that its hash selects. All parts
 * have labels and are indexes in memory. Changes to the PartedIndex must not be applied to its indexes by themselves.
 *
 * Everything is checked before anything is applied, in all parts. The first call measures the norms of the file, in O(N·D).
 *
 * @param index an index loaded with `maxDelta`, or a PartedIndex of such
 * @param changes what to change, or the bytes of a file of changes
 * @param options the sequence number of changes that are not a file
 * @returns what was changed
 * @throws DeltaFullError for more rows or new labels than `maxDelta`
 * @throws RangeError and TypeError that name the label or value, for changes of another index, and for those that begin beyond the
 *   sequence number of the index
 * @throws FormatError for a file that is damaged
 *
 * @example
 * const index = await load(file, { maxDelta: 10_000 });
 * applyChanges(index, { upserts: { labels, rows, biases }, removals: ["sold out"] });
 *
 * @example
 * applyChanges(index, new Uint8Array(await (await fetch("https://example.com/items.midxd")).arrayBuffer()));
 */
export function applyChanges(
  index: MultiIndex | PartedIndex,
  changes: ChangeSet | Uint8Array,
  options: SequenceOption = {},
): AppliedChanges {
  const classes = changeableOf(index);
  const read = isTypedArray(changes, "Uint8Array") ? storedOf(classes, changes) : copied(classes, changes, options);
  const { sequence } = classes;
  if (read.after > sequence) {
    throw new RangeError(
      `changes ${read.after + 1} to ${read.sequence} expected an index with those up to ${read.after}, got one with those up to ` +
        `${sequence}: apply the ones between first`,
    );
  }
  if (read.sequence <= sequence) return { sequence, upserted: 0, removed: 0 };
  const { upserted, removed } = classes.apply(read);
  return { sequence: read.sequence, upserted, removed };
}

/**
 * Applies changes of a log, as applyChanges does, however large rows and biases, and however long labels are: its writer has checked
 * them against the version that it had.
 */
export function applyLogged(index: MultiIndex | PartedIndex, set: ChangeSet, sequence: number): void {
  const classes = changeableOf(index);
  const target = { ...classes.target, isLogged: true };
  const read = copied({ ...classes, target }, set, { sequence });
  if (read.sequence > classes.sequence) classes.apply(read, ANY_SIZE);
}

/**
 * Checks changes as {@link applyChanges} does, and applies nothing.
 *
 * @param index an index loaded with `maxDelta`, or a PartedIndex of such
 * @param changes what would be changed
 * @param options a limit below that of the memory
 * @returns the effect that the changes would have on the classes
 * @throws DeltaFullError, RangeError and TypeError as applyChanges does
 *
 * @example
 * const { rowCount } = checkChanges(index, { removals: ["sold out"] });
 */
export function checkChanges(
  index: MultiIndex | PartedIndex,
  changes: ChangeSet,
  options: CheckOptions = {},
): CheckedChanges {
  const classes = changeableOf(index);
  const { maxDelta } = knownOptions("checkChanges", options, ["maxDelta"]);
  if (maxDelta !== undefined) checkCount("maxDelta", maxDelta, Number.MAX_SAFE_INTEGER, "2^53 − 1");
  const { upserted, removed, rowCount, addedCount } = classes.check(copied(classes, changes, {}), maxDelta);
  return { upserted, removed, rowCount, addedCount };
}

/**
 * Writes all changes that were applied to an index as one file. Applied to the same index, loaded anew, it gives the same
 * answers, bit for bit. The bytes depend only on the resulting classes and the sequence number, not on how changes were split.
 *
 * @param index an index loaded with `maxDelta`, or a PartedIndex of such
 * @returns the bytes of a file of changes
 *
 * @example
 * await writeFile("items.midxd", savedChanges(index));
 */
export function savedChanges(index: MultiIndex | PartedIndex): Uint8Array<ArrayBuffer> {
  const { contentId, sequence, first, target, all } = changeableOf(index);
  return encodeStored({ ...all(), after: first, sequence, space: target.space }, { ...target, contentId });
}

function changeableOf(index: MultiIndex | PartedIndex): Changeable {
  checkIndex<{ readonly dim: number }>(index);
  return isParted(index) ? changeableParts(index) : changeableIndex(index);
}

function copied({ sequence: before, target }: Changeable, set: ChangeSet, options: SequenceOption): StoredChanges {
  const { sequence = before + 1 } = knownOptions("applyChanges", options, ["sequence"]);
  checkSequence(sequence);
  return { ...copyChangeSet(set, target), after: Math.min(before, sequence), sequence };
}

function checkSequence(sequence: number): void {
  checkCount("sequence", sequence, Number.MAX_SAFE_INTEGER, "2^53 − 1");
  if (sequence === 0) throw new RangeError('"sequence" expected 1 or more, got 0');
}

/** Reads a file of changes, which must be of this index. */
function storedOf({ contentId, target }: Changeable, bytes: Uint8Array): StoredChanges {
  const decoded = decodeChanges(bytes);
  checkSpace(decoded.space, target.space);
  const got = decoded.facts.contentId;
  if (got !== contentId) {
    throw new RangeError(`changes expected those of the index with content id ${contentId}, got those of ${got}`);
  }
  checkFacts(decoded.facts, target);
  return decoded;
}
