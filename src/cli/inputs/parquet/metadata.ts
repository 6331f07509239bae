import { type FileMetaData, parquetMetadata, type SchemaElement } from "hyparquet";
import { FormatError } from "../../../bytes/format-error.ts";
import type { InputFile } from "../../files/input-file.ts";
import { decoding } from "./groups.ts";
import { checkThrift } from "./thrift.ts";

/** The magic bytes at both ends and the length of the metadata. */
const LEAST_BYTES = 12;
const TAIL_BYTES = 8;
const MAGIC = 0x31524150; // PAR1, little-endian
/** The maximum nesting of columns. The decoder keeps the path to each of them. */
const MAX_DEPTH = 32;

/** Reads the metadata at the end of a .parquet file. Throws FormatError file-truncated or parquet-file. */
export async function readMetadata(file: InputFile): Promise<FileMetaData> {
  if (file.byteLength < LEAST_BYTES) {
    throw new FormatError("file-truncated", file.byteLength, "the file is too short for .parquet");
  }
  const tailBegin = file.byteLength - TAIL_BYTES;
  const tail = new DataView((await file.read(tailBegin, TAIL_BYTES)).buffer);
  const magic = new DataView((await file.read(0, 4)).buffer).getUint32(0, true);
  if (magic !== MAGIC) throw new FormatError("parquet-file", 0, "not a .parquet file");
  if (tail.getUint32(4, true) !== MAGIC) {
    const problem =
      "it begins as a .parquet file, but does not end as one: if it was cut off, download or write it again";
    throw new FormatError("file-truncated", file.byteLength, problem);
  }
  const begin = tailBegin - tail.getUint32(0, true);
  if (begin < 4)
    throw new FormatError("parquet-file", tailBegin, `the metadata can't have ${tail.getUint32(0, true)} bytes`);
  const bytes = await file.read(begin, file.byteLength - begin);
  checkThrift(bytes.subarray(0, -TAIL_BYTES), 0, begin);
  const metadata = await decoding(async () => parquetMetadata(bytes.buffer, { geoparquet: false }));
  checkSchema(metadata.schema, begin);
  return metadata;
}

function checkSchema(schema: readonly SchemaElement[], offset: number): void {
  /** The number of children that are still to come, for each open element. */
  const open: number[] = [];
  for (const { name, num_children: children = 0 } of schema) {
    // The decoder's types promise a name, but it is missing if the file has none.
    if (name === undefined) throw new FormatError("parquet-file", offset, "a column has no name");
    while (open.at(-1) === 0) open.pop();
    const left = open.pop();
    if (left !== undefined) open.push(left - 1);
    if (children > 0) open.push(children);
    if (open.length > MAX_DEPTH)
      throw new FormatError("parquet-file", offset, `columns are nested more than ${MAX_DEPTH} levels deep`);
  }
}
