import type { MultiIndex } from "../index/multi-index.ts";
import { heldBy, indexOfPart } from "../parts/held-by.ts";
import { openedOf } from "../parts/opened-of.ts";
import type { PartInfo } from "../parts/part.ts";
import type { PartedIndex } from "../parts/parted-index.ts";
import type { HeldPart } from "../parts/placed-parts.ts";
import { allChanges } from "./all-changes.ts";
import { largestOf } from "./bounds.ts";
import type { CheckedChanges } from "./change-set.ts";
import type { Changeable } from "./changeable.ts";
import { classesOf, describeAnew, factsOfFile } from "./changeable-index.ts";
import { type ChangedClasses, sequenceOf } from "./changed-classes.ts";
import { factsOfParts } from "./facts-of-parts.ts";
import { partOfLabel } from "./part-of-label.ts";
import type { PlannedChanges, PlanOptions } from "./planned-changes.ts";
import { rowNorms } from "./row-norms.ts";
import type { ChangedLabel, StoredChanges } from "./stored-changes.ts";

/**
 * Tells several parts from an index. Each bundle has its own copies of the classes, so it tests for a field that only parts
 * have.
 */
export const isParted = (index: MultiIndex | PartedIndex): index is PartedIndex => "parts" in index;

/** A part with the index behind it. */
interface IndexedPart extends HeldPart {
  readonly index: MultiIndex;
  readonly classes: ChangedClasses;
}

/**
 * Returns the classes of several parts in a form that changes can be applied to. A change goes to the part that has its label,
 * and a new label to the part that the hash of the label selects. Classes that are added get the ids behind all others in the
 * order in which they come, whatever their part is, so ids are the same as in one index with the same changes.
 */
export function changeableParts(parted: PartedIndex): Changeable {
  const parts = indexedParts(parted);
  return {
    ...factsOfParts(parts.map(({ index }) => factsOfFile(index))),
    sequence: parts.reduce((last, { classes }) => Math.max(last, classes.sequence), 0),
    apply: (changes, largest) => {
      const planned = planParts(parts, changes, { largest });
      for (const [i, part] of parts.entries()) {
        part.classes.commit(planned[i] as PlannedChanges);
        describeAnew(part.index, part.classes);
      }
      describePartsAnew(parted, parts, changes, planned);
      const sum = (name: "upserted" | "removed"): number => planned.reduce((total, each) => total + each[name], 0);
      return { upserted: sum("upserted"), removed: sum("removed") };
    },
    check: (changes, most) => {
      const planned = planParts(parts, changes, { most });
      const sum = (name: keyof CheckedChanges): number => planned.reduce((total, each) => total + each[name], 0);
      return {
        upserted: sum("upserted"),
        removed: sum("removed"),
        rowCount: sum("rowCount"),
        addedCount: sum("addedCount"),
      };
    },
    all: () => allChanges(parts.map((part) => ({ classes: part.classes, ...addedIds(part) }))),
  };
}

const addedIds = ({ place: { added } }: HeldPart): { readonly added?: readonly number[] } => ({
  ...(added && { added }),
});

/** Returns the parts with their indexes. RangeError for parts that take no changes, or different ones. */
function indexedParts(parted: PartedIndex): IndexedPart[] {
  const parts = heldBy(parted).map((held, i): IndexedPart => {
    const index = indexOfPart(held.part);
    if (!index)
      throw new RangeError(`"parts[${i}]" expected a part of partOf, got another: apply changes where its index is`);
    if (!index.info.hasLabels) {
      throw new RangeError(
        `"parts[${i}]" expected an index built with "labels", which say where a change goes, got one without`,
      );
    }
    const classes = classesOf(index, `parts[${i}]`);
    if (classes.sequence !== (parted.info.changes?.sequence ?? sequenceOf(openedOf(index)))) {
      throw new RangeError(`"parts[${i}]" expected no changes but those of the PartedIndex, got an index with others`);
    }
    return { ...held, index, classes };
  });
  return parts;
}

/** Checks the changes of each part. Nothing is applied. */
function planParts(
  parts: readonly IndexedPart[],
  changes: StoredChanges,
  {
    most,
    // A part refuses nothing that one index of all classes takes.
    largest = largestOf(parts.map(({ classes }) => classes.largest)),
  }: Pick<PlanOptions, "most" | "largest">,
): PlannedChanges[] {
  const labels: ChangedLabel[][] = parts.map(() => []);
  const has = (part: number, label: string): boolean => (parts[part] as IndexedPart).classes.knows(label);
  for (const changed of changes.labels) labels[partOfLabel(changed, parts.length, has)]?.push(changed);
  const norms = rowNorms(changes.stored, (parts[0] as IndexedPart).classes.rows.facts);
  return parts.map(({ classes }, i) => {
    const own = { ...changes, labels: labels[i] as ChangedLabel[] };
    return classes.plan(own, { norms, largest, part: i, most });
  });
}

/** Gives added classes their ids among all, and writes the effect of the changes into the facts of the parts. */
function describePartsAnew(
  parted: PartedIndex,
  parts: readonly IndexedPart[],
  changes: StoredChanges,
  planned: readonly PlannedChanges[],
): void {
  const partOf = new Map(planned.flatMap(({ added }, i) => added.map(({ label }) => [label, i])));
  const added = parts.map(({ place }) => [...(place.added ?? [])]);
  let { itemCount } = parted.info;
  for (const { label } of changes.labels) {
    const part = partOf.get(label);
    if (part !== undefined) added[part]?.push(itemCount++);
  }
  const held = parts.map(({ part, info, place, before }, i): HeldPart => {
    return { part, info, place: { ...place, added: added[i] as number[] }, before };
  });
  const sum = (of: (classes: ChangedClasses) => number): number =>
    parts.reduce((total, { classes }) => total + of(classes), 0);
  const info: PartInfo = Object.freeze({
    ...parted.info,
    itemCount,
    changes: Object.freeze({
      sequence: changes.sequence,
      classCount: sum((classes) => classes.classCount),
      rowCount: sum((classes) => classes.rowCount),
      removedCount: sum((classes) => classes.removedCount),
      addedCount: added.reduce((total, ids) => total + ids.length, 0),
    }),
  });
  Object.assign(parted, { info, parts: held });
}
