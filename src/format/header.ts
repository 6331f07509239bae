import { FormatError } from "../bytes/format-error.ts";
import { dtypeBytes, headerByteLength, parseHeader } from "../bytes/safetensors.ts";
import { blankHeader, type Checksum, checkSeal, sealedHeader, tensorSeed } from "../bytes/sealed-header.ts";
import { factsFromMetadata, factsToMetadata, type IndexFacts } from "./facts.ts";
import type { TensorName } from "./tensor-spec.ts";
import { tensorTable } from "./tensors.ts";

// An index file is a safetensors file whose header can be written in only one way (FORMAT.md). parse reads the facts,
// computes this header and compares bytes, so nothing in a header is left unchecked.

/** The bytes [begin, end) of the file. */
export interface TensorPlace {
  readonly begin: number;
  readonly end: number;
}

export interface IndexHeader {
  readonly facts: IndexFacts;
  readonly formatVersion: string;
  /** The places of the tensors; absent for a tensor that the facts exclude. */
  readonly tensors: Readonly<Partial<Record<TensorName, TensorPlace>>>;
  readonly checksums: Readonly<Partial<Record<TensorName, bigint>>>;
  /** The byte at which the first tensor starts. */
  readonly headerBytes: number;
  readonly fileBytes: number;
}

export const MAX_HEADER_BYTES = 65536;

/** Computes the checksum of a tensor as the header of a file states it. */
export function tensorChecksum(checksum: Checksum, name: TensorName, begin: number, bytes: Uint8Array): bigint {
  return checksum(bytes, tensorSeed(checksum, name, begin));
}

/**
 * Returns the number of bytes of the header from the first 8 bytes of a file. FormatError: file-truncated,
 * header-length.
 */
export const headerLength = (first8: Uint8Array, fileBytes: number | undefined): number =>
  headerByteLength(first8, fileBytes, MAX_HEADER_BYTES);

/**
 * Validates a header without reading the tensors, so that its faults are found before anything is allocated.
 * FormatError: those of parseHeader and factsFromMetadata, tensor-table, header-canonical, header-checksum.
 */
export function parse(header: Uint8Array, fileBytes: number | undefined, checksum: Checksum): IndexHeader {
  const { tensors, metadata, byteLength } = parseHeader(header, fileBytes);
  const facts = factsFromMetadata(metadata, tensors);
  const table = tensorTable(facts);
  const places: Partial<Record<TensorName, TensorPlace>> = {};
  for (const [i, { name, dtype, shape }] of table.entries()) {
    const found = tensors[i];
    if (found?.name !== name || found.dtype !== dtype || String(found.shape) !== String(shape)) {
      const given = found ? `"${found.name}" ${found.dtype} [${found.shape}]` : "nothing";
      throw new FormatError("tensor-table", 8, `tensor ${i} expected "${name}" ${dtype} [${shape}], got ${given}`);
    }
    places[name] = { begin: byteLength + found.begin, end: byteLength + found.end };
  }
  if (tensors.length !== table.length) {
    throw new FormatError("tensor-table", 8, `expected ${table.length} tensors, got ${tensors.length}`);
  }
  const formatVersion = metadata.formatVersion as string;
  const own = header.subarray(0, byteLength);
  const checksums = checkSeal(own, metadata, table, factsToMetadata(facts, formatVersion), checksum);
  const fileEnd = byteLength + (tensors.at(-1)?.end ?? 0);
  return {
    facts,
    formatVersion,
    tensors: places,
    checksums,
    headerBytes: byteLength,
    fileBytes: fileEnd,
  };
}

/**
 * Computes the places of the tensors of a file with these facts, in file order. fileBytes is the end of the last one.
 */
export function placeTensors(facts: IndexFacts): {
  readonly places: readonly (TensorPlace & { readonly name: TensorName })[];
  readonly fileBytes: number;
} {
  const table = tensorTable(facts);
  let begin = blankHeader(table, factsToMetadata(facts)).byteLength;
  const places = table.map(({ name, dtype, shape }) => {
    const place = { name, begin, end: begin + shape.reduce((product, size) => product * size, dtypeBytes(dtype)) };
    begin = place.end;
    return place;
  });
  return { places, fileBytes: begin };
}

/** Writes the header of a file of the newest format with these facts and checksums of tensors. */
export function serialiseIndexHeader(
  facts: IndexFacts,
  checksums: Readonly<Partial<Record<TensorName, bigint>>>,
  checksum: Checksum,
): Uint8Array<ArrayBuffer> {
  return sealedHeader(tensorTable(facts), factsToMetadata(facts), checksums, checksum);
}
