import { ByteReader, unzigzag } from "./byte-reader.ts";

/** The types of fields in Thrift's compact protocol (https://github.com/apache/thrift/blob/master/doc/specs). */
const [STOP, TRUE, FALSE, BYTE, I16, I32, I64, DOUBLE, BINARY, LIST, STRUCT] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 12];

/** Structures in structures: the metadata of a file have seven. */
const MAX_DEPTH = 32;
/** Structures with larger numbers of fields are none that a page has in its header. */
const MAX_FIELD = 15;

/** Values of a structure and of those in it, by the path of their field, such as "2" and "5.1". NaN: no number of 32 bits. */
export type Fields = Map<string, number | boolean>;

/**
 * Walks the structure at byte `begin` and gives the byte behind it. The decoder allocates lists as long as they say they are, and
 * takes quadratic time for numbers of many bytes, so both are bounded here. FormatError parquet-file; `offset` is where
 * `bytes` stand in the file. `fields` takes the values, each of which may then stand there only once.
 */
export function checkThrift(bytes: Uint8Array, begin: number, offset: number, fields?: Fields): number {
  const reader = new ByteReader(bytes, begin, {
    code: "parquet-file",
    offset,
    ended: "the metadata end in a structure",
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
    if (isKept && fields.has(name)) reader.fail(`field ${name} stands twice`);
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

/** Walks a value; gives it where it is a number of at most 32 bits or a truth value, and NaN for others. */
function walkValue(reader: ByteReader, type: number, depth: number): number | boolean {
  if (type === TRUE || type === FALSE) return type === TRUE;
  if (type === I16 || type === I32) return unzigzag(reader.varint32());
  if (type === BYTE) reader.skip(1);
  else if (type === I64) reader.varint();
  else if (type === DOUBLE) reader.skip(8);
  else if (type === BINARY) reader.skip(reader.varint());
  else if (type === LIST) walkList(reader, depth + 1);
  else if (type === STRUCT) walkStructure(reader, depth + 1, undefined, "");
  else reader.fail(`fields of type ${type} are unknown`);
  return Number.NaN;
}

function walkList(reader: ByteReader, depth: number): void {
  checkDepth(reader, depth);
  const head = reader.byte();
  const count = head >> 4 === 15 ? reader.varint() : head >> 4;
  if (count > reader.left) reader.fail(`a list of ${count} elements, where ${reader.left} bytes are left`);
  const type = head & 15;
  for (let i = 0; i < count; i++) {
    if (type === STRUCT) checkDepth(reader, depth + 1);
    walkValue(reader, type === TRUE || type === FALSE ? BYTE : type, depth);
  }
}

function checkDepth(reader: ByteReader, depth: number): void {
  if (depth > MAX_DEPTH) reader.fail(`structures nested more than ${MAX_DEPTH} deep`);
}
