import { xxh64 } from "../arithmetic/xxh64.ts";
import { headerLength, type IndexHeader, parse } from "./header.ts";

/** Reads the header of an index file of `fileBytes` bytes that begins with `start`. FormatError for a bad one. */
export const headerIn = (start: Uint8Array, fileBytes: number): IndexHeader =>
  parse(start.subarray(0, headerLength(start.subarray(0, 8), fileBytes)), fileBytes, xxh64);
