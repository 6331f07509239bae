import type { ChangeSet } from "../../changes/change-set.ts";
import { changeSetOf } from "../../changes/change-set-of.ts";
import { decodeChanges } from "../../changes/changes-file.ts";
import { checkFacts } from "../../changes/check-facts.ts";
import { declaredOf, mergedValues, removedValues } from "../../changes/class-values.ts";
import { copyChangeSet } from "../../changes/copied-change-set.ts";
import { type FileLabels, fileLabelsOf } from "../../changes/file-labels.ts";
import { decodeLoggedSet, isLoggedSet } from "../../changes/logged-set.ts";
import { checkSpace } from "../../changes/space.ts";
import { rowFactsOf, type StoredChanges, type StoredRows } from "../../changes/stored-changes.ts";
import { isTypedArray, shown } from "../../checks/check.ts";
import { checkPlain } from "../../checks/plain-object.ts";
import { rowBytes } from "../../format/tensors.ts";
import type { GivenValues } from "../../memory/delta.ts";
import type { BaseIndex } from "./base-index.ts";

/** A file of changes of the index, a set of its log, or a change set. */
export type Changes = Uint8Array | ChangeSet;

/** Changes in their order. */
export type ChangesInOrder = Iterable<Changes> | AsyncIterable<Changes>;

/** The classes of an index with changes: those of the file that are left, in their order, then those that were added. */
export interface ResolvedChanges {
  /** By new id: the id of the class in the file, or −1. */
  readonly oldIds: Int32Array;
  /** By new id: its row among `fresh`, or −1 if the file's row stays. */
  readonly freshRows: Int32Array;
  readonly fresh: StoredRows;
  /** The values that changes give each row of `fresh` in columns. */
  readonly values: readonly (GivenValues | undefined)[];
  /** The labels of the added classes, in UTF-8, in the order of their new ids. */
  readonly added: readonly Uint8Array[];
  /** By the id of an index with these changes: the new id, or −1 for a class that was removed. */
  readonly newIds: Int32Array;
  readonly sequence: number;
}

/** The counts that the changes so far lead to. */
export interface ClassCounts {
  /** The number of classes that have a row of the changes. */
  readonly changed: number;
  /** The number of those that the file does not have. */
  readonly added: number;
  /** The number of all classes. */
  readonly classes: number;
}

/** A class that changes have named. */
interface Named {
  readonly bytes: Uint8Array;
  /** The id of the class in the file, or −1 if the file does not have it. */
  readonly oldId: number;
  /** The row of the class, undefined once the class is removed. */
  row: { readonly stored: StoredRows; readonly at: number } | undefined;
  values: GivenValues | undefined;
}

/**
 * Applies changes in their order, as a loaded index does, but without limits on their number. RangeError and TypeError name
 * what is wrong. `onCounts` gets the counts before the first change and after each one, and may throw: the rows that it counts
 * are in memory.
 */
export async function resolveChanges(
  base: BaseIndex,
  changes: ChangesInOrder,
  onCounts: (counts: ClassCounts) => void = () => {},
): Promise<ResolvedChanges> {
  const { facts, warm } = base;
  const labels = fileLabelsOf(warm.labels, facts.itemCount);
  const named = new Map<string, Named>();
  const added: Named[] = [];
  const counts = { changed: 0, added: 0, classes: facts.itemCount };
  const columnCount = facts.columns?.list.length ?? 0;
  onCounts(counts);
  let sequence = facts.compaction?.sequence ?? 0;
  let i = -1;
  for await (const given of changes) {
    i++;
    const set = storedSet(base, given, i, sequence);
    if (set.after > sequence) {
      throw new RangeError(
        `"changes"[${i}] expected those that follow ${sequence}, got ${set.after + 1} to ${set.sequence}: pass the ones ` +
          "between before them",
      );
    }
    if (set.sequence <= sequence) continue;
    sequence = set.sequence;
    applySet(set, { labels, named, added, counts, itemCount: facts.itemCount, columnCount });
    onCounts(counts);
  }
  return { ...placed(base, named, added), sequence };
}

function storedSet({ facts, contentId }: BaseIndex, given: Changes, i: number, sequence: number): StoredChanges {
  const isLogged = isTypedArray(given, "Uint8Array") && isLoggedSet(given);
  if (!isTypedArray(given, "Uint8Array") || isLogged) {
    const set = isLogged
      ? changeSetOf(decodeLoggedSet(given), facts.columns ? { columns: facts.columns.list } : {})
      : (given as ChangeSet);
    checkPlain(`"changes"[${i}]`, set, "a change set or the bytes of changes");
    const target = {
      ...rowFactsOf(facts),
      isCosine: facts.metric === "cosine",
      isLogged,
      columns: declaredOf(facts.columns?.list),
      space: facts.space?.name,
    };
    return { ...copyChangeSet(set, target), after: sequence, sequence: sequence + 1 };
  }
  const decoded = decodeChanges(given);
  if (decoded.facts.contentId !== contentId) {
    throw new RangeError(
      `"changes"[${i}] expected those of the index with content id ${contentId}, got those of ${decoded.facts.contentId}`,
    );
  }
  checkSpace(decoded.space, facts.space?.name);
  checkFacts(decoded.facts, { ...rowFactsOf(facts), columns: declaredOf(facts.columns?.list) });
  return decoded;
}

interface Resolution {
  readonly labels: FileLabels;
  readonly named: Map<string, Named>;
  readonly added: Named[];
  readonly counts: { -readonly [Name in keyof ClassCounts]: number };
  readonly itemCount: number;
  readonly columnCount: number;
}

function applySet(
  { labels: changed, stored, values }: StoredChanges,
  { labels, named, added, counts, itemCount, columnCount }: Resolution,
): void {
  for (const { label, bytes, row, hasId } of changed) {
    let known = named.get(label);
    const [hadRow, isNamed] = [Number(known?.row !== undefined), known !== undefined];
    if (!known) {
      const oldId = labels.find(label) ?? -1;
      if (oldId < 0 && row < 0 && !hasId) continue; // there is no such class
      known = { bytes, oldId, row: undefined, values: undefined };
      if (oldId < 0) {
        checkNew(label, labels, itemCount + added.length);
        added.push(known);
      }
      named.set(label, known);
    }
    known.row = row < 0 ? undefined : { stored, at: row };
    const more = Number(row >= 0) - hadRow;
    counts.changed += more;
    if (known.oldId < 0) counts.added += more;
    counts.classes += isNamed || known.oldId < 0 ? more : Number(row >= 0) - 1;
    known.values = row < 0 ? removedValues(known.oldId >= 0, columnCount) : mergedValues(known.values, values?.[row]);
  }
}

function checkNew(label: string, { areNamed }: FileLabels, nextId: number): void {
  if (areNamed || label === String(nextId)) return;
  throw new RangeError(
    `"upserts" expected the id of a class, or ${shown(String(nextId))} for the next one, got ${shown(label)}: an index ` +
      'built with "labels" takes any label',
  );
}

/** Gives the classes that are left their new ids: all keep their order, and removed classes leave no gaps. */
function placed(base: BaseIndex, named: ReadonlyMap<string, Named>, added: readonly Named[]) {
  const { itemCount } = base.facts;
  const ofFile = new Map([...named.values()].map((each) => [each.oldId, each]));
  const newIds = new Int32Array(itemCount + added.length).fill(-1);
  const live: Named[] = [];
  const oldIds = new Int32Array(itemCount + added.length);
  const freshRows = new Int32Array(itemCount + added.length);
  let count = 0;
  const take = (id: number, oldId: number, freshRow: number): void => {
    newIds[id] = count;
    oldIds[count] = oldId;
    freshRows[count++] = freshRow;
  };
  for (let id = 0; id < itemCount; id++) {
    const changed = ofFile.get(id);
    if (!changed) take(id, id, -1);
    else if (changed.row) take(id, id, live.push(changed) - 1);
  }
  const kept = count;
  for (const [i, each] of added.entries()) if (each.row) take(itemCount + i, -1, live.push(each) - 1);
  return {
    oldIds: oldIds.subarray(0, count),
    freshRows: freshRows.subarray(0, count),
    newIds,
    added: live.slice(live.length - (count - kept)).map(({ bytes }) => bytes),
    fresh: gathered(base, live),
    values: live.map((each) => each.values),
  };
}

/** Copies the rows of these classes into one table. */
function gathered({ facts }: BaseIndex, live: readonly Named[]): StoredRows {
  const bytesOfRow = rowBytes(facts);
  const records = (pick: (stored: StoredRows) => Uint8Array | undefined): Uint8Array => {
    const all = new Uint8Array(live.length * bytesOfRow);
    for (const [i, { row }] of live.entries()) {
      const from = row && pick(row.stored);
      if (row && from) all.set(from.subarray(row.at * bytesOfRow, (row.at + 1) * bytesOfRow), i * bytesOfRow);
    }
    return all;
  };
  const floats = (pick: (stored: StoredRows) => Float32Array | undefined): Float32Array =>
    Float32Array.from(live, ({ row }) => (row ? (pick(row.stored)?.[row.at] as number) : 0));
  return {
    rows: records(({ rows }) => rows),
    scales: facts.rows === "i8" ? floats(({ scales }) => scales) : undefined,
    residuals: facts.residuals ? records(({ residuals }) => residuals) : undefined,
    biases: facts.hasBias ? floats(({ biases }) => biases) : undefined,
  };
}

/** Returns changes in their order. A single one becomes a list of one. */
export const inOrder = (changes: Changes | ChangesInOrder): ChangesInOrder =>
  isTypedArray(changes, "Uint8Array") ||
  !(Symbol.iterator in Object(changes) || Symbol.asyncIterator in Object(changes))
    ? [changes as Changes]
    : (changes as ChangesInOrder);
