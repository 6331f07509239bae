import { deltaBinaryUnpack } from "hyparquet/src/delta.js";
import { FormatError } from "../../../bytes/format-error.ts";

/** Writers take blocks of 128 to 1,024 values. */
const MAX_BLOCK = 65_536;
const MAX_WIDTH = 64;
const MAX_VARINT_BYTES = 10;

const fail = (message: string): never => {
  throw new FormatError("parquet-pages", 0, message);
};

/**
 * Walks the blocks of `count` delta-packed integers at byte `begin` and gives the byte behind them
 * (https://parquet.apache.org/docs/file-format/data-pages/encodings/#DELTAENC). The decoder allocates as many widths as a
 * page says and takes quadratic time for numbers of many bytes. FormatError: parquet-pages.
 */
export function checkDeltas(bytes: Uint8Array, begin: number, count: number): number {
  let at = begin;
  const varint = (): number => {
    let value = 0;
    for (let i = 0; i < MAX_VARINT_BYTES; i++) {
      const byte = bytes[at++] ?? fail("a page ends in its deltas");
      value += (byte & 0x7f) * 2 ** (7 * i);
      if (byte < 0x80) return value;
    }
    return fail(`a number of more than ${MAX_VARINT_BYTES} bytes`);
  };
  const blockSize = varint();
  const miniblocks = varint();
  const perMiniblock = blockSize / miniblocks;
  if (!(blockSize <= MAX_BLOCK && perMiniblock >= 8 && perMiniblock % 8 === 0)) {
    fail(`deltas in blocks of ${blockSize} and parts of ${perMiniblock}`);
  }
  const stated = varint();
  if (stated !== count) fail(`${stated} deltas, expected ${count}`);
  varint();
  for (let left = count - 1; left > 0; ) {
    varint();
    const widths = bytes.subarray(at, at + miniblocks);
    if (widths.byteLength < miniblocks) fail("a page ends in its deltas");
    at += miniblocks;
    for (let i = 0; i < miniblocks && left > 0; i++, left -= perMiniblock) {
      const width = widths[i] as number;
      if (width > MAX_WIDTH) fail(`deltas of ${width} bits`);
      at += (perMiniblock * width) / 8;
    }
  }
  return at;
}

/**
 * The same of `count` texts that share their beginnings with those before them. Gives the bytes that are copied, which may be
 * many more than the page has.
 */
export function checkSharedTexts(bytes: Uint8Array, count: number): number {
  const suffixesBegin = checkDeltas(bytes, 0, count);
  checkDeltas(bytes, suffixesBegin, count);
  if (count === 0) return 0;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const prefixes = new Int32Array(count);
  deltaBinaryUnpack({ view, offset: 0 }, count, prefixes);
  const wrong = prefixes.findIndex((length) => length < 0);
  if (wrong >= 0) fail(`a text that shares ${prefixes[wrong]} bytes with the one before`);
  return prefixes.reduce((sum, length) => sum + length, 0);
}
