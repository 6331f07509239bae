import zlib from "node:zlib";
import { type CompressionCodec, type Compressors, snappyUncompress } from "hyparquet";
import { FormatError } from "../../../bytes/format-error.ts";

/** The maximum size of a page. Writers make pages of about a mebibyte by default. */
const MAX_PAGE_BYTES = 2 ** 28;
/** Snappy inflates 3 bytes to at most 64, and deflate 1 byte to at most 1,032. */
const SNAPPY_RATIO = 64 / 3;
const DEFLATE_RATIO = 1032;
/** Brotli and zstd have no such bound. */
const ANY_RATIO = MAX_PAGE_BYTES;

/**
 * Decompressors that never produce more bytes than the page header declares, and never allocate bytes that can't be filled.
 */
export const DECOMPRESSORS: Compressors = {
  SNAPPY(input, outputBytes) {
    checkPage(input, outputBytes, SNAPPY_RATIO);
    const page = new Uint8Array(outputBytes);
    snappyUncompress(input, page);
    return page;
  },
  GZIP(input, outputBytes) {
    checkPage(input, outputBytes, DEFLATE_RATIO);
    return zlib.gunzipSync(input, { maxOutputLength: Math.max(1, outputBytes) });
  },
  BROTLI(input, outputBytes) {
    checkPage(input, outputBytes, ANY_RATIO);
    return zlib.brotliDecompressSync(input, { maxOutputLength: Math.max(1, outputBytes) });
  },
  ZSTD(input, outputBytes) {
    checkPage(input, outputBytes, ANY_RATIO);
    // Node has zstd from 22.15 on.
    if (!zlib.zstdDecompressSync) throw new RangeError("pages compressed with zstd need Node 22.15 or later");
    return zlib.zstdDecompressSync(input, { maxOutputLength: Math.max(1, outputBytes) });
  },
};

/** Returns the uncompressed bytes of a page. */
export function inflatePage(codec: CompressionCodec, bytes: Uint8Array, pageBytes: number): Uint8Array {
  if (codec === "UNCOMPRESSED") return bytes;
  const inflate = DECOMPRESSORS[codec];
  if (inflate === undefined) {
    const expected = Object.keys(DECOMPRESSORS).join(", ").toLowerCase();
    const remedy = "write the file again with one of these";
    throw new FormatError("parquet-pages", 0, `pages expected ${expected} or no compression, got ${codec}: ${remedy}`);
  }
  return inflate(bytes, pageBytes);
}

function checkPage(input: Uint8Array, outputBytes: number, ratio: number): void {
  if (outputBytes >= 0 && outputBytes <= Math.min(MAX_PAGE_BYTES, ratio * input.byteLength + 64)) return;
  throw new FormatError(
    "parquet-pages",
    0,
    `a page of ${input.byteLength} bytes can't inflate to the declared ${outputBytes}`,
  );
}
