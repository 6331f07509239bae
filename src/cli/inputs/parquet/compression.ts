import zlib from "node:zlib";
import { type CompressionCodec, type Compressors, snappyUncompress } from "hyparquet";
import { FormatError } from "../../../bytes/format-error.ts";

/** A page has a mebibyte or so; writers that are told to make larger ones stay below this. */
const MAX_PAGE_BYTES = 2 ** 28;
/** Snappy makes at most 64 bytes of 3, deflate 1032 of one. */
const SNAPPY_RATIO = 64 / 3;
const DEFLATE_RATIO = 1032;
/** The others have no such bound. */
const ANY_RATIO = MAX_PAGE_BYTES;

/** How pages are inflated: never to more bytes than their header declares, and none is allocated that could not be filled. */
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
    // Node has it from 22.15 on.
    if (!zlib.zstdDecompressSync) throw new RangeError("pages compressed by zstd need Node 22.15 or later");
    return zlib.zstdDecompressSync(input, { maxOutputLength: Math.max(1, outputBytes) });
  },
};

/** The bytes of a page as they were before they were compressed. */
export function inflatePage(codec: CompressionCodec, bytes: Uint8Array, pageBytes: number): Uint8Array {
  if (codec === "UNCOMPRESSED") return bytes;
  const inflate = DECOMPRESSORS[codec];
  if (inflate === undefined)
    throw new FormatError("parquet-pages", 0, `pages compressed by ${codec} are not readable here`);
  return inflate(bytes, pageBytes);
}

function checkPage(input: Uint8Array, outputBytes: number, ratio: number): void {
  if (outputBytes >= 0 && outputBytes <= Math.min(MAX_PAGE_BYTES, ratio * input.byteLength + 64)) return;
  throw new FormatError(
    "parquet-pages",
    0,
    `a page of ${input.byteLength} bytes is declared to inflate to ${outputBytes}`,
  );
}
