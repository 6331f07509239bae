import { checkArray, kindOf, shown } from "../checks/check.ts";
import { optionsWithoutNull } from "../checks/known-options.ts";
import { checkPlain } from "../checks/plain-object.ts";
import { planRowCodec } from "../format/row-codec.ts";
import { unitRows } from "../format/unit-rows.ts";
import { checkFloats, copyFloats } from "../index/copied-arguments.ts";
import type { GivenValues } from "../memory/delta.ts";
import { type ChangeSet, MOST_LABEL_BYTES, type Upserts } from "./change-set.ts";
import { copyValues, type DeclaredColumn, mergedValues } from "./class-values.ts";
import { checkSpace } from "./space.ts";
import type { ChangedLabel, RowFacts, StoredChanges, StoredRows } from "./stored-changes.ts";

/** The properties of an index that a change set is checked against. */
export interface ChangeTarget extends RowFacts {
  readonly isCosine: boolean;
  /** True for sets of a log, whose writers have checked how long labels are. */
  readonly isLogged?: boolean;
  readonly columns: readonly DeclaredColumn[];
  /** The space of the index, if it has a name. */
  readonly space: string | undefined;
}

/** The largest value of 16 bits. A larger one would be stored as infinity. */
const LARGEST_HALF = 65504;

/** The content of changes, without their place in a log. */
export type CopiedChanges = Omit<StoredChanges, "after" | "sequence">;

/** Checks and copies a change set, with its rows as the index stores them. TypeError and RangeError name the element. */
export function copyChangeSet(set: ChangeSet, target: ChangeTarget): CopiedChanges {
  checkPlain('"changes"', set);
  const fields = ["upserts", "removals", "space"];
  const { upserts, removals = [], space } = optionsWithoutNull("changes", set, fields, "changes");
  checkSpace(space, target.space);
  const labels = new Map<string, ChangedLabel>();
  const { stored, values } = upserts ? copyUpserts(upserts, target, labels) : { stored: NOTHING };
  checkArray("removals", removals, "strings");
  for (let i = 0; i < removals.length; i++) {
    const name = `"removals"[${i}]`;
    const { label, bytes } = checkedLabel(name, removals[i]);
    const named = labels.get(label);
    if (named && named.row >= 0) {
      throw new RangeError(`${name} expected a label that no upsert has, got ${shown(label)}: use two sets`);
    }
    labels.set(label, { label, bytes, row: -1, hasId: false });
  }
  return { labels: [...labels.values()], stored, values, space };
}

const NOTHING: StoredRows = {
  rows: new Uint8Array(0),
  scales: undefined,
  residuals: undefined,
  biases: undefined,
};

const FIELDS = ["labels", "rows", "biases", "columns", "namespaces"];

/** Copies upserts, and enters their labels into `named` with the place of their last row. */
function copyUpserts(
  raw: Upserts,
  target: ChangeTarget,
  named: Map<string, ChangedLabel>,
): { readonly stored: StoredRows; readonly values: (GivenValues | undefined)[] | undefined } {
  checkPlain('"upserts"', raw);
  const upserts = optionsWithoutNull("changes", raw, FIELDS, "upserts");
  const { labels, rows, biases } = upserts as Upserts;
  if (!Array.isArray(labels)) {
    throw new TypeError(`"upserts.labels" expected an array of strings, got ${kindOf(labels)}`);
  }
  const count = labels.length;
  const given = copyValues(upserts as Upserts, count, target.columns);
  const merged: (GivenValues | undefined)[] | undefined = given && [];
  for (let row = 0; row < count; row++) {
    const { label, bytes } = checkedLabel(`"upserts.labels"[${row}]`, labels[row]);
    if (!target.isLogged) checkLength(row, label, bytes);
    // A label that comes again keeps the values that its last row leaves open, as with separate sets.
    merged?.push(mergedValues(merged[named.get(label)?.row ?? -1], given?.[row]));
    named.set(label, { label, bytes, row, hasId: false });
  }
  const values = copyRows(rows, count, target);
  const codec = planRowCodec(target.dim, target.rows, count, target.hasResiduals);
  const { bytes, scales, residuals } = codec.encode(target.isCosine ? unitRows(values, target.dim, values) : values);
  return { stored: { rows: bytes, scales, residuals, biases: copyBiases(biases, count, target) }, values: merged };
}

function copyRows(rows: Upserts["rows"], count: number, { dim, rows: rowType }: ChangeTarget): Float32Array {
  checkFloats("upserts.rows", rows);
  const { length } = rows;
  if (length !== count * dim) {
    throw new RangeError(
      `"upserts.rows" expected ${count} × ${dim} values, one row of info.dim values for each label, got ${length}`,
    );
  }
  const values = copyFloats("upserts.rows", rows, new Float32Array(length));
  if (rowType !== "f16") return values;
  const at = values.findIndex((value) => Math.abs(value) > LARGEST_HALF);
  if (at < 0) return values;
  throw new RangeError(
    `"upserts.rows"[${at}] expected a magnitude of at most ${LARGEST_HALF} for rows of f16, got ${values[at]}`,
  );
}

function copyBiases(
  biases: Upserts["biases"],
  count: number,
  { hasBias }: ChangeTarget,
): Float32Array<ArrayBuffer> | undefined {
  if (!hasBias) {
    if (biases === undefined) return undefined;
    throw new RangeError(
      '"upserts.biases" expected an index built with "bias" (--bias), got one without: leave them out',
    );
  }
  if (biases === undefined) {
    throw new RangeError(`"upserts.biases" expected ${count} values, since the index has biases, got none`);
  }
  checkFloats("upserts.biases", biases);
  const { length } = biases;
  if (length !== count)
    throw new RangeError(`"upserts.biases" expected ${count} values, one for each label, got ${length}`);
  return copyFloats("upserts.biases", biases, new Float32Array(count));
}

function checkedLabel(name: string, label: unknown): { label: string; bytes: Uint8Array } {
  if (typeof label !== "string") throw new TypeError(`${name} expected a string, got ${kindOf(label)}`);
  if (!label.isWellFormed()) throw new RangeError(`${name} expected Unicode text, got an unpaired surrogate`);
  return { label, bytes: new TextEncoder().encode(label) };
}

function checkLength(row: number, label: string, { length }: Uint8Array): void {
  if (length <= MOST_LABEL_BYTES) return;
  throw new RangeError(
    `"upserts.labels"[${row}] expected a label of at most ${MOST_LABEL_BYTES} bytes of UTF-8, got ${length}: shorten ${shown(label)}`,
  );
}
