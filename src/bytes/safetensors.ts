import { isSizes, tensorBytes } from "./dtype.ts";
import { looksLike } from "./foreign-bytes.ts";
import { FormatError } from "./format-error.ts";
import {
  isTensorName,
  METADATA_NAME,
  readMetadata,
  readTensor,
  type TensorInfo,
  type TensorSpec,
} from "./safetensors-entry.ts";
import { keyOffset, parseStrictJson, quoteName } from "./strict-json.ts";

/*
 * A strict reader of the safetensors container (https://github.com/huggingface/safetensors#format):
 *
 *   0        8                 byteLength                        byteLength + end of the last tensor
 *   ├────────┼─────────────────┼─────────────────────────────────┤
 *   │ u64 LE │ JSON, spaces    │ tensors, packed without a gap   │
 *   └────────┴─────────────────┴─────────────────────────────────┘
 *
 * It does no input or output, and knows none of the rules of index files.
 */

export { type Dtype, dtypeBytes } from "./dtype.ts";
export type { TensorInfo, TensorSpec } from "./safetensors-entry.ts";

export interface SafetensorsHeader {
  /** The tensors sorted by `begin`. The first begins at 0, and each of the others where the one before it ends. */
  readonly tensors: readonly TensorInfo[];
  /** The metadata, in an object without a prototype. */
  readonly metadata: Readonly<Record<string, string>>;
  /** The byte of the file at which the data section starts: 8 + the length field. */
  readonly byteLength: number;
}

const LENGTH_BYTES = 8;
const ALIGNMENT = 16;

/**
 * Returns the number of bytes of length field and header together, from the first 8 bytes of a file.
 *
 * `fileBytes` is the size of the file, if it is known. The result is at most `maxHeaderBytes`, so a caller may read or
 * allocate it. FormatError: header-length, file-truncated.
 */
export function headerByteLength(first8: Uint8Array, fileBytes: number | undefined, maxHeaderBytes: number): number {
  const available = Math.min(first8.byteLength, fileBytes ?? first8.byteLength);
  if (available === 0) throw new FormatError("file-truncated", 0, "the file is empty");
  if (available < LENGTH_BYTES) {
    throw new FormatError("file-truncated", available, `the length field needs 8 bytes, there are ${available}`);
  }
  const field = new DataView(first8.buffer, first8.byteOffset, LENGTH_BYTES).getBigUint64(0, true);
  const total = field + BigInt(LENGTH_BYTES);
  if (field < 2n || total > BigInt(maxHeaderBytes)) {
    const [, look] = looksLike(first8) ?? [];
    const given = look ? `it looks like ${look}` : `a header of ${field} bytes`;
    const expected = look ? "a safetensors file, as every index is" : `2..${maxHeaderBytes - LENGTH_BYTES}`;
    throw new FormatError("header-length", 0, `${given}, expected ${expected}`);
  }
  if (fileBytes !== undefined && total > BigInt(fileBytes)) {
    throw new FormatError("file-truncated", fileBytes, `a header of ${field} bytes in a file of ${fileBytes}`);
  }
  return Number(total);
}

/**
 * Reads and validates the header in `bytes`, which hold at least the length field and the header.
 *
 * With `fileBytes` the tensors must fill the file to its last byte. FormatError: those of headerByteLength,
 * header-utf8, header-json, header-duplicate, metadata, tensor-name, tensor-fields, tensor-dtype, tensor-shape,
 * tensor-offsets, tensor-size, tensor-gap, tensor-overlap, file-extended.
 */
export function parseHeader(bytes: Uint8Array, fileBytes?: number): SafetensorsHeader {
  const byteLength = headerByteLength(bytes, fileBytes ?? bytes.byteLength, Number.MAX_SAFE_INTEGER);
  if (byteLength > bytes.byteLength) {
    throw new RangeError(`"bytes" expected the ${byteLength} bytes of the header, got ${bytes.byteLength}`);
  }
  const json = bytes.subarray(LENGTH_BYTES, byteLength);
  const tensors: TensorInfo[] = [];
  let metadata: Readonly<Record<string, string>> = Object.create(null);
  for (const [name, value] of parseStrictJson(json, LENGTH_BYTES)) {
    const fail = (code: string, message: string): never => {
      throw new FormatError(code, LENGTH_BYTES + keyOffset(json, name), `${quoteName(name)}: ${message}`);
    };
    if (name === METADATA_NAME) metadata = readMetadata(value, fail);
    else tensors.push(readTensor(name, value, fail));
  }
  tensors.sort((a, b) => a.begin - b.begin || a.end - b.end);
  checkPacking(tensors, byteLength, fileBytes);
  return { tensors, metadata, byteLength };
}

/** Checks that every byte of the data section belongs to exactly one tensor. */
function checkPacking(tensors: readonly TensorInfo[], byteLength: number, fileBytes: number | undefined): void {
  let next = 0;
  for (const { name, begin, end } of tensors) {
    if (begin !== next) {
      const code = begin > next ? "tensor-gap" : "tensor-overlap";
      const message = `${quoteName(name)} begins at ${begin} of the data, expected ${next}`;
      throw new FormatError(code, byteLength + Math.min(begin, next), message);
    }
    next = end;
  }
  const expected = byteLength + next;
  if (fileBytes === undefined || fileBytes === expected) return;
  const code = fileBytes < expected ? "file-truncated" : "file-extended";
  throw new FormatError(
    code,
    Math.min(fileBytes, expected),
    `the file has ${fileBytes} bytes, its tensors end at ${expected}`,
  );
}

/**
 * Writes the length field and header of a file that holds `tensors` packed in this order: `__metadata__` first if there
 * is any, no white space, then spaces until the data section starts at a multiple of 16. The same arguments give the
 * same bytes. RangeError for a reserved or repeated name and for a shape that is too large.
 */
export function serialiseHeader(
  tensors: readonly TensorSpec[],
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const entries = Object.keys(metadata).length > 0 ? [`"${METADATA_NAME}":${JSON.stringify(metadata)}`] : [];
  if (Object.hasOwn(metadata, "__proto__")) throw new RangeError('metadata name "__proto__" is reserved');
  const names = new Set<string>();
  let begin = 0;
  for (const { name, dtype, shape } of tensors) {
    if (!isTensorName(name) || names.has(name))
      throw new RangeError(`tensor name ${quoteName(name)} is reserved or repeated`);
    names.add(name);
    const end = begin + ((isSizes(shape) ? tensorBytes(dtype, shape) : undefined) ?? Number.NaN);
    if (!Number.isSafeInteger(end))
      throw new RangeError(`tensor ${quoteName(name)} has the impossible shape [${shape}]`);
    entries.push(`${JSON.stringify(name)}:${JSON.stringify({ dtype, shape, data_offsets: [begin, end] })}`);
    begin = end;
  }
  const json = new TextEncoder().encode(`{${entries.join(",")}}`);
  const byteLength = Math.ceil((LENGTH_BYTES + json.byteLength) / ALIGNMENT) * ALIGNMENT;
  const bytes = new Uint8Array(byteLength).fill(0x20);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(byteLength - LENGTH_BYTES), true);
  bytes.set(json, LENGTH_BYTES);
  return bytes;
}
