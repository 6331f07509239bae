import { checkCount } from "../checks/check.ts";
import { knownOptions } from "../checks/known-options.ts";
import { FeatureBags } from "../index/feature-bags.ts";
import type { IndexInfo } from "../index/info.ts";
import type { MultiIndex } from "../index/multi-index.ts";
import { openedOf } from "../parts/opened-of.ts";
import type { AppliedChanges, ChangeSet, CheckedChanges, SequenceOption } from "./change-set.ts";
import { ChangedClasses } from "./changed-classes.ts";
import { decodeChanges, encodeStored } from "./changes-file.ts";
import { copyChangeSet } from "./copied-change-set.ts";
import type { StoredChanges } from "./stored-changes.ts";

/**
 * Applies changes to a loaded index. All later calls are about the changed classes: rows that were added are scored exactly in
 * every answer, and classes that were removed are in none (docs/changes.md). Ids stay: an upsert keeps the id of its label, and
 * new labels get the next ids in their order, also if they are removed and come again.
 *
 * Everything is checked before anything is applied. The first call measures the norms of the file, in O(N·D).
 *
 * @param index an index loaded with `maxDelta`
 * @param changes what to change, or the bytes of a file of changes
 * @param options the sequence number of changes that are no file
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
  index: MultiIndex,
  changes: ChangeSet | Uint8Array,
  options: SequenceOption = {},
): AppliedChanges {
  const classes = classesOf(index);
  const read = changes instanceof Uint8Array ? storedOf(index, changes) : copied(classes, changes, index, options);
  if (read.after > classes.sequence) {
    throw new RangeError(
      `changes ${read.after + 1} to ${read.sequence} expected an index with those up to ${read.after}, got one with those up to ` +
        `${classes.sequence}: apply the ones between first`,
    );
  }
  const { sequence } = classes;
  if (read.sequence <= sequence) return { sequence, upserted: 0, removed: 0 };
  const { upserted, removed } = classes.apply(read);
  describeAnew(index, classes);
  return { sequence: classes.sequence, upserted, removed };
}

/**
 * Checks changes as {@link applyChanges} does, and applies nothing.
 *
 * @param index an index loaded with `maxDelta`
 * @param changes what would be changed
 * @returns what the changes would make of the classes
 * @throws DeltaFullError, RangeError and TypeError as applyChanges does
 *
 * @example
 * const { rowCount } = checkChanges(index, { removals: ["sold out"] });
 */
export function checkChanges(index: MultiIndex, changes: ChangeSet): CheckedChanges {
  const classes = classesOf(index);
  return classes.apply(copied(classes, changes, index, {}), true);
}

/**
 * Writes all changes that were applied to an index as one file. Applied to the same index, loaded anew, it gives the same answers,
 * bit for bit. The bytes depend on the resulting classes and the sequence number alone, and not on how changes were split.
 *
 * @param index an index loaded with `maxDelta`
 * @returns the bytes of a file of changes
 *
 * @example
 * await writeFile("items.midxd", savedChanges(index));
 */
export function savedChanges(index: MultiIndex): Uint8Array<ArrayBuffer> {
  const classes = classesOf(index);
  const live = classes.all.filter(({ row }) => row >= 0);
  const places = new Map(live.map((changed, place) => [changed, place]));
  return encodeStored(
    {
      labels: classes.all.map((changed) => {
        const row = places.get(changed) ?? -1;
        return { ...changed, row, hasId: row < 0 && changed.filePosition < 0 };
      }),
      stored: classes.rows.copied(live.map(({ row }) => row)),
      ...{ after: 0, sequence: classes.sequence },
    },
    { contentId: index.info.contentId, ...classes.rows.facts },
  );
}

/** Returns the changes of an index. RangeError if it was loaded without room for them. */
function classesOf(index: MultiIndex): ChangedClasses {
  const opened = openedOf(index);
  if (opened.plan.capacity === opened.plan.itemCount) {
    throw new RangeError('"index" expected one with room for changes; load(file, { maxDelta: 10000 }) makes it');
  }
  return (opened.delta as ChangedClasses | undefined) ?? new ChangedClasses(opened);
}

function copied(classes: ChangedClasses, set: ChangeSet, { info }: MultiIndex, options: SequenceOption): StoredChanges {
  const { sequence = classes.sequence + 1 } = knownOptions("applyChanges", options, ["sequence"]);
  checkSequence(sequence);
  const isKnown = (label: string): boolean => classes.file.find(label) !== undefined;
  const target = { ...classes.rows.facts, isCosine: info.metric === "cosine", isKnown };
  return { ...copyChangeSet(set, target), after: Math.min(classes.sequence, sequence), sequence };
}

function checkSequence(sequence: number): void {
  checkCount("sequence", sequence, Number.MAX_SAFE_INTEGER, "2^53 − 1");
  if (sequence === 0) throw new RangeError('"sequence" expected 1 or more, got 0');
}

/** Reads a file of changes, which must be of this index. */
function storedOf({ info }: MultiIndex, bytes: Uint8Array): StoredChanges {
  const decoded = decodeChanges(bytes);
  const { contentId } = decoded.facts;
  if (contentId === info.contentId) return decoded;
  throw new RangeError(
    `changes expected those of the index with content id ${info.contentId}, got those of ${contentId}`,
  );
}

/** Writes what changes have made of the classes into the facts of an index, which its calls check their arguments against. */
function describeAnew(index: MultiIndex, classes: ChangedClasses): void {
  const { sequence, classCount, rowCount, removedCount, idCount } = classes;
  const { plan } = openedOf(index);
  const info: IndexInfo = Object.freeze({
    ...index.info,
    itemCount: idCount,
    changes: Object.freeze({
      ...{ sequence, classCount, rowCount, removedCount },
      addedCount: idCount - plan.itemCount,
      maxDelta: plan.capacity - plan.itemCount - 1,
    }),
  });
  const isFirst = index.info.changes === undefined; // then the tensors have moved, of which these hold views
  // biome-ignore lint/complexity/useLiteralKeys: the name is private. Encoders of sequences stay.
  const areBags = index["bags"] instanceof FeatureBags;
  Object.assign(index, { info, ...(isFirst && areBags && { bags: undefined }) });
  // biome-ignore lint/complexity/useLiteralKeys: the names are private.
  const [calls, limits] = [index["calls"], index["limits"]];
  Object.assign(calls, { info, ...(isFirst && { names: undefined, columns: undefined }) });
  limits.info = info;
}
