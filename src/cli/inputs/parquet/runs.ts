import { FormatError } from "../../../bytes/format-error.ts";
import { ByteReader } from "./byte-reader.ts";

/** The most values that pad the last packed run. The format has groups of eight, and DuckDB writes blocks of 256. */
const PADDING = 255;

/**
 * Checks runs with `count` values of `width` bits in total. A run consists of equal values or of packed groups of eight
 * values (https://parquet.apache.org/docs/file-format/data-pages/encodings/#RLE). Returns how many of the values are
 * `wanted`.
 *
 * @throws FormatError parquet-pages for a run with more values than are left, which the decoder would write out
 */
export function checkRuns(bytes: Uint8Array, width: number, count: number, wanted?: number): number {
  const reader = new ByteReader(bytes, 0, { code: "parquet-pages", ended: "a page ends within its runs" });
  let found = 0;
  for (let left = count; left > 0 && reader.left > 0; ) {
    const header = reader.varint32();
    const isPacked = header % 2 === 1;
    const values = isPacked ? (header >>> 1) * 8 : header >>> 1;
    if (values > left + (isPacked ? PADDING : 0)) reader.fail(`a run has ${values} values, but ${left} are left`);
    const run = bytes.subarray(reader.at);
    reader.at += isPacked ? (values * width) / 8 : Math.ceil(width / 8);
    if (wanted !== undefined) {
      if (isPacked) found += countPacked(run, width, Math.min(values, left), wanted);
      else if (packedValue(run, width, 0) === wanted) found += values;
    }
    left -= values;
  }
  return found;
}

function countPacked(bytes: Uint8Array, width: number, count: number, wanted: number): number {
  let found = 0;
  for (let i = 0; i < count; i++) if (packedValue(bytes, width, i) === wanted) found++;
  return found;
}

/** Returns packed value number `index` of `width` bits, at most 32, with the lowest bit first. */
export function packedValue(bytes: Uint8Array, width: number, index: number): number {
  let value = 0;
  for (let k = 0; k < width; k++) {
    const bit = index * width + k;
    value |= (((bytes[Math.floor(bit / 8)] ?? 0) >> (bit % 8)) & 1) << k;
  }
  return value;
}

/** Checks indices into a dictionary, which follow their width, as checkRuns does. */
export function checkIndices(bytes: Uint8Array, count: number): void {
  const width = bytes[0] ?? 0;
  if (width > 32) throw new FormatError("parquet-pages", 0, `indices have ${width} bits`);
  checkRuns(bytes.subarray(1), width, count);
}
