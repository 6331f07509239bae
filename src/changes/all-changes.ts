import { joinedBytes } from "../bytes/joined-bytes.ts";
import type { GivenValues } from "../memory/delta.ts";
import { byLabel, type ChangedClass } from "./changed-class.ts";
import type { ChangedClasses } from "./changed-classes.ts";
import type { ChangedLabel, StoredChanges, StoredRows } from "./stored-changes.ts";

/** The changed classes of an index, or of a part with the ids among all classes of those that were added. */
export interface ChangedPart {
  readonly classes: ChangedClasses;
  readonly added?: readonly number[];
}

interface Entry {
  readonly changed: ChangedClass;
  /** The id, among all classes, of a class that the files do not have; −1 for others. */
  readonly id: number;
  /** The place of its row among the rows of all parts, or −1. */
  readonly row: number;
}

/** Gathers the changes of all classes, in the order of a file: those of files by their labels, then the others. */
export function allChanges(parts: readonly ChangedPart[]): Pick<StoredChanges, "labels" | "stored" | "values"> {
  const entries: Entry[] = [];
  const rows: StoredRows[] = [];
  const values: (GivenValues | undefined)[] = [];
  for (const { classes, added } of parts) {
    const live: number[] = [];
    const { all } = classes;
    const ofFile = all.length - classes.addedCount;
    for (const [i, changed] of all.entries()) {
      const id = i < ofFile ? -1 : (added?.[i - ofFile] ?? changed.id);
      entries.push({ changed, id, row: changed.row < 0 ? -1 : values.length });
      if (changed.row < 0) continue;
      live.push(changed.row);
      values.push(classes.valuesOf(changed.id));
    }
    rows.push(classes.rows.copied(live));
  }
  entries.sort((a, b) => a.id - b.id || byLabel(a.changed, b.changed));
  const encoder = new TextEncoder();
  const labels = entries.map(({ changed: { label }, id, row }): ChangedLabel => {
    return { label, bytes: encoder.encode(label), row, hasId: row < 0 && id >= 0 };
  });
  return { labels, stored: joinedRows(rows), values };
}

function joinedRows(rows: readonly StoredRows[]): StoredRows {
  const [first] = rows as [StoredRows];
  if (rows.length === 1) return first;
  const floats = (name: "scales" | "biases"): Float32Array | undefined =>
    first[name] && Float32Array.from(rows.flatMap((each) => Array.from(each[name] ?? [])));
  return {
    rows: joinedBytes(rows.map((each) => each.rows)),
    scales: floats("scales"),
    residuals: first.residuals && joinedBytes(rows.map((each) => each.residuals ?? new Uint8Array(0))),
    biases: floats("biases"),
  };
}
