import { type FileMetaData, parquetMetadata, type SchemaElement } from "hyparquet";
import { FormatError } from "../../../bytes/format-error.ts";
import type { InputFile } from "../../files/input-file.ts";
import { decoding } from "./groups.ts";
import { checkThrift } from "./thrift.ts";

/** Magic at both ends and the length of the metadata. */
const LEAST_BYTES = 12;
const TAIL_BYTES = 8;
const MAGIC = 0x31524150; // PAR1, little-endian
/** Columns in columns. The decoder keeps the path to each. */
const MAX_DEPTH = 32;

/** The metadata at the end of a .parquet file. FormatError: file-truncated, parquet-file. */
export async function readMetadata(file: InputFile): Promise<FileMetaData> {
  if (file.byteLength < LEAST_BYTES) {
    throw new FormatError("file-truncated", file.byteLength, "no .parquet file is so short");
  }
  const tailBegin = file.byteLength - TAIL_BYTES;
  const tail = new DataView((await file.read(tailBegin, TAIL_BYTES)).buffer);
  const magic = new DataView((await file.read(0, 4)).buffer).getUint32(0, true);
  if (magic !== MAGIC || tail.getUint32(4, true) !== MAGIC) {
    throw new FormatError("parquet-file", 0, "not a .parquet file");
  }
  const begin = tailBegin - tail.getUint32(0, true);
  if (begin < 4) throw new FormatError("parquet-file", tailBegin, `metadata of ${tail.getUint32(0, true)} bytes`);
  const bytes = await file.read(begin, file.byteLength - begin);
  checkThrift(bytes.subarray(0, -TAIL_BYTES), 0, begin);
  const metadata = await decoding(async () => parquetMetadata(bytes.buffer, { geoparquet: false }));
  checkSchema(metadata.schema, begin);
  return metadata;
}

function checkSchema(schema: readonly SchemaElement[], offset: number): void {
  /** Children that are still to come, of each element that is open. */
  const open: number[] = [];
  for (const { name, num_children: children = 0 } of schema) {
    // The decoder's types say so, but it leaves out what the file does.
    if (name === undefined) throw new FormatError("parquet-file", offset, "a column without a name");
    while (open.at(-1) === 0) open.pop();
    const left = open.pop();
    if (left !== undefined) open.push(left - 1);
    if (children > 0) open.push(children);
    if (open.length > MAX_DEPTH)
      throw new FormatError("parquet-file", offset, `columns nested more than ${MAX_DEPTH} deep`);
  }
}
