import { readVarInt } from "hyparquet/src/thrift.js";
import { FormatError } from "../../../bytes/format-error.ts";

/** What a last group of eight values is filled up with. */
const PADDING = 7;

/**
 * Runs of `count` values of `width` bits, each of equal values or of groups of eight packed ones
 * (https://parquet.apache.org/docs/file-format/data-pages/encodings/#RLE): the decoder writes them out as long as they say
 * they are. FormatError parquet-pages for one that is longer than what is left.
 */
export function checkRuns(bytes: Uint8Array, width: number, count: number): void {
  const reader = { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset: 0 };
  for (let left = count; left > 0 && reader.offset < bytes.byteLength; ) {
    const header = readVarInt(reader);
    const isPacked = (header & 1) === 1;
    const values = isPacked ? (header >>> 1) * 8 : header >>> 1;
    if (values > left + (isPacked ? PADDING : 0)) {
      throw new FormatError("parquet-pages", 0, `a run of ${values} values, where ${left} are left`);
    }
    reader.offset += isPacked ? (values * width) / 8 : Math.ceil(width / 8);
    left -= values;
  }
}

/** The same for indices into a dictionary, in front of which stands their width. */
export function checkIndices(bytes: Uint8Array, count: number): void {
  const width = bytes[0] ?? 0;
  if (width > 32) throw new FormatError("parquet-pages", 0, `indices of ${width} bits`);
  checkRuns(bytes.subarray(1), width, count);
}
