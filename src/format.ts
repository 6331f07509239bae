import { FormatError } from "./errors.ts";
import {
  FORMAT_VERSION,
  factsFromMetadata,
  factsToMetadata,
  type IndexFacts,
  type TensorName,
  tensorTable,
} from "./facts.ts";
import { dtypeBytes, headerByteLength, parseHeader, serialiseHeader } from "./safetensors.ts";

// The index file: a safetensors file whose header can be written in one way only (FORMAT.md). parse reads the facts,
// works out that one header, and compares bytes; so nothing in a header is left unchecked.

/** XXH64 of bytes under a seed. */
export type Checksum = (bytes: Uint8Array, seed: bigint) => bigint;

/** Bytes of the file, [begin, end). */
export interface TensorPlace {
  readonly begin: number;
  readonly end: number;
}

export interface IndexHeader {
  readonly facts: IndexFacts;
  readonly formatVersion: string;
  /** Absent: a tensor that the facts exclude. */
  readonly tensors: Readonly<Partial<Record<TensorName, TensorPlace>>>;
  readonly checksums: Readonly<Partial<Record<TensorName, bigint>>>;
  /** Where the first tensor starts. */
  readonly headerBytes: number;
  readonly fileBytes: number;
}

export const MAX_HEADER_BYTES = 65536;
const HEADER_CHECKSUM = "headerChecksum";
const BLANK_CHECKSUM = "0".repeat(16);
const tensorKey = (name: string): string => `checksum.${name}`;
/** 64 bits as 16 hex digits. */
export const hex = (value: bigint): string => value.toString(16).padStart(16, "0");

/** A tensor's checksum is seeded with its name and place, so that two tensors of the same shape can't change places. */
export function tensorChecksum(checksum: Checksum, name: TensorName, begin: number, bytes: Uint8Array): bigint {
  return checksum(bytes, tensorSeed(checksum, name, begin));
}

export const tensorSeed = (checksum: Checksum, name: TensorName, begin: number): bigint =>
  checksum(new TextEncoder().encode(name), BigInt(begin));

/** Bytes of the header, from the first 8 bytes of a file. FormatError: file-truncated, header-length. */
export const headerLength = (first8: Uint8Array, fileBytes: number | undefined): number =>
  headerByteLength(first8, fileBytes, MAX_HEADER_BYTES);

/**
 * Validates a header without touching the tensors: every fault here is found before anything is allocated.
 * FormatError: those of parseHeader and factsFromMetadata, tensor-table, header-canonical, header-checksum.
 */
export function parse(header: Uint8Array, fileBytes: number | undefined, checksum: Checksum): IndexHeader {
  const { tensors, metadata, byteLength } = parseHeader(header, fileBytes);
  const facts = factsFromMetadata(metadata);
  const table = tensorTable(facts);
  const places: Partial<Record<TensorName, TensorPlace>> = {};
  const checksums: Partial<Record<TensorName, bigint>> = {};
  for (const [i, { name, dtype, shape }] of table.entries()) {
    const found = tensors[i];
    if (found?.name !== name || found.dtype !== dtype || String(found.shape) !== String(shape)) {
      const given = found ? `"${found.name}" ${found.dtype} [${found.shape}]` : "nothing";
      throw new FormatError("tensor-table", 8, `tensor ${i} expected "${name}" ${dtype} [${shape}], got ${given}`);
    }
    places[name] = { begin: byteLength + found.begin, end: byteLength + found.end };
    checksums[name] = checksumField(metadata, tensorKey(name));
  }
  if (tensors.length !== table.length) {
    throw new FormatError("tensor-table", 8, `expected ${table.length} tensors, got ${tensors.length}`);
  }
  const stated = checksumField(metadata, HEADER_CHECKSUM);
  const canonical = writeHeader(facts, metadata.formatVersion as string, checksums);
  if (headerChecksum(canonical, checksum) !== stated) {
    throw new FormatError("header-checksum", 8, "the header is not what its checksum was taken of");
  }
  putHeaderChecksum(canonical, stated);
  const different = firstDifference(canonical, header.subarray(0, byteLength));
  if (different >= 0) throw new FormatError("header-canonical", different, "the header is not in its only form");
  const fileEnd = byteLength + (tensors.at(-1)?.end ?? 0);
  return {
    facts,
    formatVersion: metadata.formatVersion as string,
    tensors: places,
    checksums,
    headerBytes: byteLength,
    fileBytes: fileEnd,
  };
}

/** Where a file of these facts has its tensors, in its order; fileBytes is where the last one ends. */
export function placeTensors(facts: IndexFacts): {
  readonly places: readonly (TensorPlace & { readonly name: TensorName })[];
  readonly fileBytes: number;
} {
  let begin = writeHeader(facts, FORMAT_VERSION, {}).byteLength;
  const places = tensorTable(facts).map(({ name, dtype, shape }) => {
    const place = { name, begin, end: begin + shape.reduce((product, size) => product * size, dtypeBytes(dtype)) };
    begin = place.end;
    return place;
  });
  return { places, fileBytes: begin };
}

/** The header of a file of these facts, whose tensors have these checksums. */
export function serialiseIndexHeader(
  facts: IndexFacts,
  checksums: Readonly<Partial<Record<TensorName, bigint>>>,
  checksum: Checksum,
): Uint8Array<ArrayBuffer> {
  const header = writeHeader(facts, FORMAT_VERSION, checksums);
  putHeaderChecksum(header, headerChecksum(header, checksum));
  return header;
}

/** The only header of these facts, its own checksum blank. */
function writeHeader(
  facts: IndexFacts,
  formatVersion: string,
  checksums: Readonly<Partial<Record<TensorName, bigint>>>,
): Uint8Array<ArrayBuffer> {
  const table = tensorTable(facts);
  const metadata: Record<string, string> = { ...factsToMetadata(facts), formatVersion };
  for (const { name } of table) metadata[tensorKey(name)] = hex(checksums[name] ?? 0n);
  metadata[HEADER_CHECKSUM] = BLANK_CHECKSUM;
  return serialiseHeader(table, metadata);
}

/** XXH64 of the length field and the header, padding included, its own digits as zeros. */
const headerChecksum = (blankHeader: Uint8Array, checksum: Checksum): bigint => checksum(blankHeader, 0n);

function putHeaderChecksum(header: Uint8Array, value: bigint): void {
  const key = new TextEncoder().encode(`"${HEADER_CHECKSUM}":"`);
  const at = header.findIndex((_, i) => key.every((byte, j) => header[i + j] === byte));
  header.set(new TextEncoder().encode(hex(value)), at + key.byteLength);
}

function checksumField(metadata: Readonly<Record<string, string>>, name: string): bigint {
  const value = metadata[name];
  if (value === undefined) throw new FormatError("metadata-missing", 8, `"${name}" is missing`);
  if (!/^[0-9a-f]{16}$/.test(value)) throw new FormatError("metadata-value", 8, `"${name}" expected 16 hex digits`);
  return BigInt(`0x${value}`);
}

function firstDifference(a: Uint8Array, b: Uint8Array): number {
  const count = Math.max(a.byteLength, b.byteLength);
  for (let i = 0; i < count; i++) if (a[i] !== b[i]) return i;
  return -1;
}
