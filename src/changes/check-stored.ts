import { FormatError } from "../bytes/format-error.ts";
import { strictDecoder } from "../bytes/strict-decoder.ts";
import { MAGNITUDE_LIMIT, shown } from "../checks/check.ts";
import { rowBytes } from "../format/tensors.ts";
import { type ChangesFacts, KIND_REMOVAL_OF_ADDED, KIND_UPSERT } from "./changes-format.ts";
import { valuesInText } from "./class-values.ts";
import type { ChangedLabel, StoredChanges } from "./stored-changes.ts";

/** The bytes of a tensor, and their offset in the file. */
export interface ReadTensor {
  readonly at: number;
  readonly data: Uint8Array<ArrayBuffer>;
}

type Tensors = Readonly<Record<string, ReadTensor>>;

/**
 * Checks the values of the tensors of a file of changes, and returns the changes. FormatError: label-offsets, label-text,
 * label-order for a label that comes again, tensor-padding, tensor-value.
 */
export function checkStored(
  tensors: Tensors,
  facts: ChangesFacts,
): Pick<StoredChanges, "labels" | "stored" | "values"> {
  const labels = readLabels(tensors, facts);
  const { upsertCount, rows, dim } = facts;
  const bytesOfRow = rowBytes(facts);
  const codes = new Set(rows === "i8" ? ["rows", "residualRows"] : []);
  const valueBytes = { f32: 4, f16: 2, i8: 1 }[rows];
  for (const name of ["rows", "residualRows"]) {
    const tensor = tensors[name];
    if (!tensor) continue;
    for (let row = 0; row < upsertCount; row++) {
      checkZeros(tensor, name, row * bytesOfRow + dim * valueBytes, (row + 1) * bytesOfRow);
    }
    if (codes.has(name)) checkValues(tensor, name, new Int8Array(tensor.data.buffer), (code) => code !== -128);
  }
  const data = (tensors.rows as ReadTensor).data.buffer;
  if (rows === "f32") checkValues(tensors.rows as ReadTensor, "rows", new Float32Array(data), isFinite32);
  if (rows === "f16")
    checkValues(tensors.rows as ReadTensor, "rows", new Uint16Array(data), (half) => (half & 0x7c00) !== 0x7c00);
  const scales = floats(tensors, "rowScales", upsertCount, (scale) => scale >= 0 && isFinite32(scale));
  const biases = floats(tensors, "bias", upsertCount, isFinite32);
  const stored = { rows: (tensors.rows as ReadTensor).data, scales, residuals: tensors.residualRows?.data, biases };
  return { labels, stored, values: readValues(tensors.values, facts) };
}

/** Reads the values of the upserts in columns. */
function readValues(
  tensor: ReadTensor | undefined,
  { valueBytes, upsertCount, columns }: ChangesFacts,
): StoredChanges["values"] {
  if (!tensor) return undefined;
  const { at, data } = tensor;
  checkZeros(tensor, "values", valueBytes, data.length);
  const decoder = strictDecoder();
  const values = valuesInText(
    decodedText(decoder, data.subarray(0, valueBytes), at, "values"),
    upsertCount,
    columns,
    (expected) => {
      throw new FormatError("tensor-value", at, `"values" expected ${expected}`);
    },
  );
  if (values.some((given) => given !== undefined)) return values;
  throw new FormatError("tensor-value", at, '"values" expected a value of some upsert');
}

const isFinite32 = (value: number): boolean => Math.abs(value) <= MAGNITUDE_LIMIT;

function checkValues(
  { at }: ReadTensor,
  name: string,
  values: Int8Array | Uint16Array | Float32Array,
  isGood: (value: number) => boolean,
): void {
  for (let i = 0; i < values.length; i++) {
    if (isGood(values[i] as number)) continue;
    const byte = at + i * values.BYTES_PER_ELEMENT;
    throw new FormatError("tensor-value", byte, `"${name}" [${i}] expected a value that is stored, got ${values[i]}`);
  }
}

/** Returns the first `count` f32 of a tensor. Zeros follow them. */
function floats(
  tensors: Tensors,
  name: string,
  count: number,
  isGood: (value: number) => boolean,
): Float32Array | undefined {
  const tensor = tensors[name];
  if (!tensor) return undefined;
  checkZeros(tensor, name, 4 * count, tensor.data.length);
  const values = new Float32Array(tensor.data.buffer, 0, count);
  checkValues(tensor, name, values, isGood);
  return values;
}

function checkZeros({ at, data }: ReadTensor, name: string, begin: number, end: number): void {
  for (let i = begin; i < end; i++) {
    if (data[i] !== 0) throw new FormatError("tensor-padding", at + i, `"${name}" is not padded with zeros`);
  }
}

function readLabels(tensors: Tensors, { labelCount, labelBytes, upsertCount }: ChangesFacts): ChangedLabel[] {
  const [offsetTensor, text, kinds] = ["labelOffsets", "labelText", "kinds"].map((name) => tensors[name]) as [
    ReadTensor,
    ReadTensor,
    ReadTensor,
  ];
  checkZeros(offsetTensor, "labelOffsets", 4 * (labelCount + 1), offsetTensor.data.length);
  checkZeros(text, "labelText", labelBytes, text.data.length);
  checkZeros(kinds, "kinds", labelCount, kinds.data.length);
  const offsets = new Int32Array(offsetTensor.data.buffer, 0, labelCount + 1);
  const decoder = strictDecoder();
  const seen = new Set<string>();
  let row = 0;
  if (offsets[0] !== 0 || offsets[labelCount] !== labelBytes) {
    throw new FormatError("label-offsets", offsetTensor.at, `"labelOffsets" expected offsets from 0 to ${labelBytes}`);
  }
  const labels = Array.from({ length: labelCount }, (_, i): ChangedLabel => {
    const [begin, end] = [offsets[i] as number, offsets[i + 1] as number];
    if (begin > end || end > labelBytes) {
      throw new FormatError(
        "label-offsets",
        offsetTensor.at + 4 * i,
        `"labelOffsets" [${i + 1}] expected no less than ${begin}`,
      );
    }
    const bytes = text.data.subarray(begin, end);
    const label = decodedText(decoder, bytes, text.at + begin, "labelText");
    if (seen.has(label)) {
      throw new FormatError("label-order", text.at + begin, `"labelText" has ${shown(label)} twice`);
    }
    seen.add(label);
    const kind = kinds.data[i] as number;
    if (kind > KIND_REMOVAL_OF_ADDED) {
      throw new FormatError("tensor-value", kinds.at + i, `"kinds" [${i}] expected 0, 1 or 2, got ${kind}`);
    }
    return { label, bytes, row: kind === KIND_UPSERT ? row++ : -1, hasId: kind === KIND_REMOVAL_OF_ADDED };
  });
  if (row !== upsertCount) {
    throw new FormatError("tensor-value", kinds.at, `"kinds" expected ${upsertCount} upserts, got ${row}`);
  }
  return labels;
}

function decodedText(decoder: TextDecoder, bytes: Uint8Array, at: number, name: string): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw new FormatError("label-text", at, `"${name}" is not UTF-8`);
  }
}
