import { ByteReader, unzigzag } from "./byte-reader.ts";

/** The types of fields in Thrift's compact protocol (https://github.com/apache/thrift/blob/master/doc/specs). */
const [STOP, TRUE, FALSE, BYTE, I16, I32, I64, DOUBLE, BINARY, LIST, STRUCT] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 12];

/** The maximum nesting of structures. The metadata of a file has seven levels. */
const MAX_DEPTH = 32;
/** The largest field number that is kept. Page headers have no larger ones. */
const MAX_FIELD = 15;

/**
 * Values of a structure and its nested structures, by path, such as "2" and "5.1". NaN: the value is not a 32-bit number.
 */
export type Fields = Map<string, number | boolean>;

/**
 * Checks the structure at byte `begin` and returns the offset after it. The decoder allocates lists of the stated length and
 * takes quadratic time for numbers of many bytes, so both are bounded here.
 *
 * @param offset the offset of `bytes` in the file
 * @param fields receives the values; each field may then occur only once
 * @throws FormatError parquet-file
 */
export function checkThrift(bytes: Uint8Array, begin: number, offset: number, fields?: Fields): number {
  const reader = new ByteReader(bytes, begin, {
    code: "parquet-file",
    offset,
    ended: "the metadata ends within a structure",
  });
  walkStructure(reader, 0, fields, "");
  return reader.at;
}

function walkStructure(reader: ByteReader, depth: number, fields: Fields | undefined, path: string): void {
  let field = 0;
  for (let head = reader.byte(); (head & 15) !== STOP; head = reader.byte()) {
    field = head >> 4 === 0 ? unzigzag(reader.varint32()) : field + (head >> 4);
    const type = head & 15;
    const isKept = fields !== undefined && field > 0 && field <= MAX_FIELD;
    const name = `${path}${field}`;
    if (isKept && fields.has(name)) reader.fail(`field ${name} occurs twice`);
    if (isKept) fields.set(name, Number.NaN);
    if (type === STRUCT) {
      checkDepth(reader, depth + 1);
      walkStructure(reader, depth + 1, isKept && depth === 0 ? fields : undefined, `${name}.`);
    } else {
      const value = walkValue(reader, type, depth);
      if (isKept) fields.set(name, value);
    }
  }
}

/** Reads a value. Returns it if it is a boolean or a number of at most 32 bits, and NaN otherwise. */
function walkValue(reader: ByteReader, type: number, depth: number): number | boolean {
  if (type === TRUE || type === FALSE) return type === TRUE;
  if (type === I16 || type === I32) return unzigzag(reader.varint32());
  if (type === BYTE) reader.skip(1);
  else if (type === I64) reader.varint();
  else if (type === DOUBLE) reader.skip(8);
  else if (type === BINARY) reader.skip(reader.varint());
  else if (type === LIST) walkList(reader, depth + 1);
  else if (type === STRUCT) walkStructure(reader, depth + 1, undefined, "");
  else reader.fail(`a field has the unknown type ${type}`);
  return Number.NaN;
}

function walkList(reader: ByteReader, depth: number): void {
  checkDepth(reader, depth);
  const head = reader.byte();
  const count = head >> 4 === 15 ? reader.varint() : head >> 4;
  if (count > reader.left) reader.fail(`a list has ${count} elements, but ${reader.left} bytes are left`);
  const type = head & 15;
  for (let i = 0; i < count; i++) {
    if (type === STRUCT) checkDepth(reader, depth + 1);
    walkValue(reader, type === TRUE || type === FALSE ? BYTE : type, depth);
  }
}

function checkDepth(reader: ByteReader, depth: number): void {
  if (depth > MAX_DEPTH) reader.fail(`structures are nested more than ${MAX_DEPTH} levels deep`);
}
