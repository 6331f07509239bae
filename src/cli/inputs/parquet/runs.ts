import { FormatError } from "../../../bytes/format-error.ts";
import { ByteReader } from "./byte-reader.ts";

/** Values that a last group of eight is filled up with. */
const PADDING = 7;

/**
 * Walks runs of `count` values of `width` bits, each of equal values or of groups of eight packed ones
 * (https://parquet.apache.org/docs/file-format/data-pages/encodings/#RLE), and gives how many of the values are `wanted`. The
 * decoder writes runs out as long as they say they are. FormatError parquet-pages for one that is longer than what is left.
 */
export function checkRuns(bytes: Uint8Array, width: number, count: number, wanted?: number): number {
  const reader = new ByteReader(bytes, 0, { code: "parquet-pages", ended: "a page ends in its runs" });
  let found = 0;
  for (let left = count; left > 0 && reader.left > 0; ) {
    const header = reader.varint32();
    const isPacked = header % 2 === 1;
    const values = isPacked ? (header >>> 1) * 8 : header >>> 1;
    if (values > left + (isPacked ? PADDING : 0)) reader.fail(`a run of ${values} values, where ${left} are left`);
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

/** The number of `width` bits, at most 32, at place `index`, the lowest bit first. */
export function packedValue(bytes: Uint8Array, width: number, index: number): number {
  let value = 0;
  for (let k = 0; k < width; k++) {
    const bit = index * width + k;
    value |= (((bytes[Math.floor(bit / 8)] ?? 0) >> (bit % 8)) & 1) << k;
  }
  return value;
}

/** Walks indices into a dictionary, in front of which stands their width, as checkRuns. */
export function checkIndices(bytes: Uint8Array, count: number): void {
  const width = bytes[0] ?? 0;
  if (width > 32) throw new FormatError("parquet-pages", 0, `indices of ${width} bits`);
  checkRuns(bytes.subarray(1), width, count);
}
