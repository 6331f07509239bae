import { FormatError } from "./format-error.ts";
import { type SafetensorsHeader, serialiseHeader, type TensorSpec } from "./safetensors.ts";

/*
 * A sealed header is a safetensors header whose metadata hold the checksum of every tensor and, last, of the header itself:
 *
 *   "checksum.<tensor>": XXH64 of the tensor's bytes, seeded by its name and place, for each tensor in file order
 *   "headerChecksum":    XXH64 of length field and header, padding included, with these 16 digits as zeros
 *
 * Facts determine the header, so a reader compares bytes, and no part of a header stays unchecked.
 */

/** Computes the XXH64 of bytes with a seed. */
export type Checksum = (bytes: Uint8Array, seed: bigint) => bigint;

const HEADER_CHECKSUM = "headerChecksum";
const BLANK_CHECKSUM = "0".repeat(16);

const checksumKey = (tensor: string): string => `checksum.${tensor}`;

/** Writes 64 bits as 16 hex digits. */
export const hex = (value: bigint): string => value.toString(16).padStart(16, "0");

/**
 * Returns the seed of a tensor's checksum. It depends on name and place, so that two tensors of the same shape cannot
 * be exchanged.
 */
export const tensorSeed = (checksum: Checksum, name: string, begin: number): bigint =>
  checksum(new TextEncoder().encode(name), BigInt(begin));

/** Writes the header with all checksums zero. It is as long as the sealed one. */
export const blankHeader = (
  tensors: readonly TensorSpec[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array<ArrayBuffer> => unsealedHeader(tensors, metadata, {});

/** Writes the sealed header of a file whose tensors have these checksums. */
export function sealedHeader(
  tensors: readonly TensorSpec[],
  metadata: Readonly<Record<string, string>>,
  checksums: Readonly<Partial<Record<string, bigint>>>,
  checksum: Checksum,
): Uint8Array<ArrayBuffer> {
  const header = unsealedHeader(tensors, metadata, checksums);
  putHeaderChecksum(header, checksum(header, 0n));
  return header;
}

/**
 * Compares a header with the only one that `tensors` and `metadata` can have, and returns the checksums of the tensors.
 * `stated` is the metadata as read. FormatError: metadata-missing, metadata-value, header-checksum, header-canonical.
 */
export function checkSeal<Name extends string>(
  header: Uint8Array,
  stated: Readonly<Record<string, string>>,
  tensors: readonly (TensorSpec & { readonly name: Name })[],
  metadata: Readonly<Record<string, string>>,
  checksum: Checksum,
): Partial<Record<Name, bigint>> {
  const checksums: Partial<Record<Name, bigint>> = {};
  for (const { name } of tensors) checksums[name] = checksumField(stated, checksumKey(name));
  const own = checksumField(stated, HEADER_CHECKSUM);
  const canonical = unsealedHeader(tensors, metadata, checksums);
  if (checksum(canonical, 0n) !== own) {
    throw new FormatError("header-checksum", 8, "the header does not match its checksum");
  }
  putHeaderChecksum(canonical, own);
  const different = firstDifference(canonical, header);
  if (different >= 0)
    throw new FormatError("header-canonical", different, "the header differs from its canonical form");
  return checksums;
}

function unsealedHeader(
  tensors: readonly TensorSpec[],
  metadata: Readonly<Record<string, string>>,
  checksums: Readonly<Partial<Record<string, bigint>>>,
): Uint8Array<ArrayBuffer> {
  const all: Record<string, string> = { ...metadata };
  for (const { name } of tensors) all[checksumKey(name)] = hex(checksums[name] ?? 0n);
  all[HEADER_CHECKSUM] = BLANK_CHECKSUM;
  return serialiseHeader(tensors, all);
}

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

/** Checks that a header has the tensors of a table, in its order. FormatError tensor-table names the first that differs. */
export function checkTable({ tensors }: Pick<SafetensorsHeader, "tensors">, table: readonly TensorSpec[]): void {
  for (const [i, { name, dtype, shape }] of table.entries()) {
    const found = tensors[i];
    if (found?.name === name && found.dtype === dtype && String(found.shape) === String(shape)) continue;
    const got = found ? `"${found.name}" ${found.dtype} [${found.shape}]` : "nothing";
    throw new FormatError("tensor-table", 8, `tensor ${i} expected "${name}" ${dtype} [${shape}], got ${got}`);
  }
  if (tensors.length !== table.length) {
    throw new FormatError("tensor-table", 8, `expected ${table.length} tensors, got ${tensors.length}`);
  }
}
