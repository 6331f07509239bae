import { xxh64 } from "../arithmetic/xxh64.ts";
import { FormatError } from "../bytes/format-error.ts";
import { dtypeBytes, parseHeader } from "../bytes/safetensors.ts";
import { blankHeader, checkSeal, checkTable, sealedHeader, tensorSeed } from "../bytes/sealed-header.ts";
import { rowBytes } from "../format/tensors.ts";
import {
  type ChangesFacts,
  changesFacts,
  changesMetadata,
  changesTensors,
  FORMAT,
  KIND_REMOVAL,
  KIND_REMOVAL_OF_ADDED,
  KIND_UPSERT,
} from "./changes-format.ts";
import { checkStored } from "./check-stored.ts";
import { type DeclaredColumn, textOfValues } from "./class-values.ts";
import type { ChangedLabel, RowFacts, StoredChanges } from "./stored-changes.ts";

type Tensors = Partial<Record<ReturnType<typeof changesTensors>[number]["name"], Uint8Array>>;

/** Writes a file of changes. The same changes give the same bytes. */
export function encodeStored(
  { labels, stored, after, sequence, values, space = "" }: StoredChanges,
  facts: RowFacts & { readonly contentId: string; readonly columns: readonly DeclaredColumn[] },
): Uint8Array<ArrayBuffer> {
  const upserts = labels.filter(({ row }) => row >= 0);
  const labelBytes = labels.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const own = upserts.map(({ row }) => values?.[row]);
  const hasValues = own.some((given) => given !== undefined);
  const text = new TextEncoder().encode(hasValues ? textOfValues(own) : "");
  const counts = { labelCount: labels.length, upsertCount: upserts.length, labelBytes };
  const others = { columns: hasValues ? facts.columns : [], valueBytes: text.length, space };
  const { contentId, dim, rows, hasBias, hasResiduals } = facts;
  const all: ChangesFacts = { contentId, dim, rows, hasBias, hasResiduals, after, sequence, ...counts, ...others };
  const table = changesTensors(all);
  const places = upserts.map(({ row }) => row);
  const bytesOfRow = rowBytes(facts);
  const tensors: Tensors = {
    labelOffsets: bytesOf(offsetsOf(labels)),
    labelText: joined(labels, labelBytes),
    kinds: Uint8Array.from(labels, kindOf),
    rows: picked(stored.rows, places, bytesOfRow),
    ...(stored.scales && { rowScales: picked(bytesOf(stored.scales), places, 4) }),
    ...(stored.residuals && { residualRows: picked(stored.residuals, places, bytesOfRow) }),
    ...(hasValues && { values: text }),
    ...(stored.biases && { bias: picked(bytesOf(stored.biases), places, 4) }),
  };
  const { byteLength } = blankHeader(table, changesMetadata(all));
  const sizes = table.map(({ dtype, shape }) => shape.reduce((product, size) => product * size, dtypeBytes(dtype)));
  const file = new Uint8Array(byteLength + sizes.reduce((sum, size) => sum + size, 0));
  const checksums: Record<string, bigint> = {};
  let at = byteLength;
  for (const [i, { name }] of table.entries()) {
    const end = at + (sizes[i] as number);
    file.set(tensors[name] ?? new Uint8Array(0), at);
    checksums[name] = xxh64(file.subarray(at, end), tensorSeed(xxh64, name, at));
    at = end;
  }
  file.set(sealedHeader(table, changesMetadata(all), checksums, xxh64));
  return file;
}

const kindOf = ({ row, hasId }: ChangedLabel): number =>
  row >= 0 ? KIND_UPSERT : hasId ? KIND_REMOVAL_OF_ADDED : KIND_REMOVAL;

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array | Int32Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** Returns the offset of each label in the text, and the end of the last one. */
function offsetsOf(labels: readonly ChangedLabel[]): Int32Array {
  const offsets = new Int32Array(labels.length + 1);
  for (const [i, { bytes }] of labels.entries()) offsets[i + 1] = (offsets[i] as number) + bytes.length;
  return offsets;
}

function joined(labels: readonly ChangedLabel[], labelBytes: number): Uint8Array {
  const text = new Uint8Array(labelBytes);
  let at = 0;
  for (const { bytes } of labels) {
    text.set(bytes, at);
    at += bytes.length;
  }
  return text;
}

/** Copies records of `bytes` bytes in this order. */
function picked(records: Uint8Array, places: readonly number[], bytes: number): Uint8Array {
  const copy = new Uint8Array(places.length * bytes);
  for (const [i, place] of places.entries()) copy.set(records.subarray(place * bytes, (place + 1) * bytes), i * bytes);
  return copy;
}

/** Tells a file of changes from others. */
export function areChanges(file: Uint8Array): boolean {
  try {
    return parseHeader(file, file.byteLength).metadata.format === FORMAT;
  } catch {
    return false; // the reader of the file reports what is wrong
  }
}

/** A file of changes that was read. */
export interface DecodedChanges extends StoredChanges {
  readonly facts: ChangesFacts;
}

/**
 * Reads a file of changes as strictly as an index file. FormatError: those of parseHeader, changesFacts and checkSeal,
 * tensor-table, tensor-checksum, and those of checkStored.
 */
export function decodeChanges(bytes: Uint8Array): DecodedChanges {
  const { tensors, metadata, byteLength } = parseHeader(bytes, bytes.byteLength);
  const facts = changesFacts(metadata);
  const table = changesTensors(facts);
  checkTable({ tensors }, table);
  const checksums = checkSeal(bytes.subarray(0, byteLength), metadata, table, changesMetadata(facts), xxh64);
  const read: Record<string, { readonly at: number; readonly data: Uint8Array<ArrayBuffer> }> = {};
  for (const [i, { name }] of table.entries()) {
    const at = byteLength + (tensors[i]?.begin as number);
    const data = Uint8Array.from(bytes.subarray(at, byteLength + (tensors[i]?.end as number)));
    if (xxh64(data, tensorSeed(xxh64, name, at)) !== checksums[name]) {
      throw new FormatError("tensor-checksum", at, `tensor "${name}" does not match its checksum`);
    }
    read[name] = { at, data };
  }
  const { after, sequence, space } = facts;
  return { ...checkStored(read, facts), after, sequence, space: space || undefined, facts };
}
