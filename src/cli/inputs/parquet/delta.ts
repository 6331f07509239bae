import { ByteReader, unzigzag } from "./byte-reader.ts";
import { packedValue } from "./runs.ts";

/** The limit for a block. Writers use blocks of 128 to 1,024 values. */
const MAX_BLOCK = 65_536;
const MAX_WIDTH = 64;

const readerOf = (bytes: Uint8Array, at: number): ByteReader =>
  new ByteReader(bytes, at, { code: "parquet-pages", ended: "a page ends within its deltas" });

/**
 * Checks the blocks of `count` delta-packed integers at byte `begin` and returns the offset after them
 * (https://parquet.apache.org/docs/file-format/data-pages/encodings/#DELTAENC). The decoder would allocate as many widths as
 * the page states, and take quadratic time for numbers of many bytes. `lengths` receives the integers if they have 32 bits.
 *
 * @throws FormatError parquet-pages
 */
export function checkDeltas(bytes: Uint8Array, begin: number, count: number, lengths?: Int32Array): number {
  const reader = readerOf(bytes, begin);
  const blockSize = reader.varint();
  const miniblocks = reader.varint();
  const perMiniblock = blockSize / miniblocks;
  if (!(blockSize <= MAX_BLOCK && perMiniblock >= 8 && perMiniblock % 8 === 0)) {
    reader.fail(`blocks of ${blockSize} deltas with miniblocks of ${perMiniblock}`);
  }
  const stated = reader.varint();
  if (stated !== count) reader.fail(`expected ${count} deltas, got ${stated}`);
  let value = lengths ? unzigzag(reader.varint32()) : reader.varint();
  if (lengths && count > 0) lengths[0] = value;
  for (let read = 1; read < count; ) {
    const least = lengths ? unzigzag(reader.varint32()) : reader.varint();
    for (const width of reader.take(miniblocks)) {
      if (read >= count) break;
      if (width > MAX_WIDTH) reader.fail(`deltas of ${width} bits`);
      const packed = bytes.subarray(reader.at);
      reader.at += (perMiniblock * width) / 8;
      const end = Math.min(count, read + perMiniblock);
      if (lengths && width > 32) reader.fail(`lengths of ${width} bits`);
      for (let i = read; lengths && i < end; i++) {
        value = (value + least + packedValue(packed, width, i - read)) | 0;
        lengths[i] = value;
      }
      read = end;
    }
  }
  return reader.at;
}

/**
 * Checks `count` texts that share prefixes with their predecessors, as checkDeltas does. Returns the number of bytes that
 * decoding copies, which may exceed the size of the page.
 */
export function checkSharedTexts(bytes: Uint8Array, count: number): number {
  const shared = new Int32Array(count);
  const suffixesBegin = checkDeltas(bytes, 0, count, shared);
  checkDeltas(bytes, suffixesBegin, count);
  const wrong = shared.find((length) => length < 0);
  if (wrong !== undefined) readerOf(bytes, 0).fail(`a text shares ${wrong} bytes with its predecessor`);
  return shared.reduce((sum, length) => sum + length, 0);
}
