import { FormatError } from "../../../bytes/format-error.ts";

/** What a field of Thrift's compact protocol holds (https://github.com/apache/thrift/blob/master/doc/specs). */
const [STOP, TRUE, FALSE, BYTE, I16, I32, I64, DOUBLE, BINARY, LIST, STRUCT] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 12];

/** Structures in structures: the metadata of a file have seven. */
const MAX_DEPTH = 32;
const MAX_VARINT_BYTES = 10;

/**
 * Walks the structure at byte `begin` and gives the byte behind it. The decoder allocates lists as long as they say they are, and
 * takes quadratic time for numbers of many bytes, so both are bounded here. FormatError parquet-file; `offset` is where
 * `bytes` stand in the file.
 */
export function checkThrift(bytes: Uint8Array, begin: number, offset: number): number {
  let at = begin;
  const fail = (message: string): never => {
    throw new FormatError("parquet-file", offset + at, message);
  };
  const byte = (): number => bytes[at++] ?? fail("the metadata end in a structure");
  const varint = (): number => {
    let value = 0;
    for (let i = 0; i < MAX_VARINT_BYTES; i++) {
      const next = byte();
      value += (next & 0x7f) * 2 ** (7 * i);
      if (next < 0x80) return value;
    }
    return fail(`a number of more than ${MAX_VARINT_BYTES} bytes`);
  };
  const skip = (count: number): void => {
    if (count > bytes.byteLength - at) fail(`${count} bytes, where ${bytes.byteLength - at} are left`);
    at += count;
  };
  const list = (depth: number): void => {
    const head = byte();
    const count = head >> 4 === 15 ? varint() : head >> 4;
    if (count > bytes.byteLength - at)
      fail(`a list of ${count} elements, where ${bytes.byteLength - at} bytes are left`);
    const type = head & 15;
    for (let i = 0; i < count; i++) element(type === TRUE || type === FALSE ? BYTE : type, depth);
  };
  const element = (type: number, depth: number): void => {
    if (depth > MAX_DEPTH) fail(`structures nested more than ${MAX_DEPTH} deep`);
    if (type === TRUE || type === FALSE) return;
    if (type === BYTE) skip(1);
    else if (type === I16 || type === I32 || type === I64) varint();
    else if (type === DOUBLE) skip(8);
    else if (type === BINARY) skip(varint());
    else if (type === LIST) list(depth + 1);
    else if (type === STRUCT) structure(depth + 1);
    else fail(`fields of type ${type} are unknown`);
  };
  const structure = (depth: number): void => {
    for (let head = byte(); (head & 15) !== STOP; head = byte()) {
      if (head >> 4 === 0) varint();
      element(head & 15, depth);
    }
  };
  structure(0);
  return at;
}
