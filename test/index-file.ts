import query from "../build/query.wasm";
import { checksumWith } from "../src/memory/checksum.ts";
import { instantiateQuery } from "../src/memory/kernels.ts";

/** An index file, read by JSON and typed arrays alone, so that tests can change it and write it again. */
export interface RawFile {
  readonly metadata: Record<string, string>;
  /** In the order of the file. `data_offsets` count from the end of the header. */
  readonly tensors: Record<string, RawTensor>;
  readonly headerBytes: number;
  readonly data: Uint8Array<ArrayBuffer>;
}

export interface RawTensor {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

export const xxh64 = checksumWith(instantiateQuery(query));

const LENGTH_BYTES = 8;
const ALIGNMENT = 16;
const hex = (value: bigint): string => value.toString(16).padStart(16, "0");

/** Copies the file. */
export function readRaw(file: Uint8Array): RawFile {
  const copy = Uint8Array.from(file);
  const headerBytes = LENGTH_BYTES + Number(new DataView(copy.buffer).getBigUint64(0, true));
  const json = new TextDecoder().decode(copy.subarray(LENGTH_BYTES, headerBytes));
  const { __metadata__: metadata, ...tensors } = JSON.parse(json);
  return { metadata, tensors, headerBytes, data: copy.slice(headerBytes) };
}

/** The bytes of a tensor, inside `raw.data`. */
export function bytesOf(raw: RawFile, name: string): Uint8Array<ArrayBuffer> {
  const [begin, end] = raw.tensors[name]?.data_offsets ?? [0, 0];
  return raw.data.subarray(begin, end);
}

/** The bytes of a tensor as 32-bit numbers, inside `raw.data`. */
export function int32Of(raw: RawFile, name: string): Int32Array<ArrayBuffer> {
  const bytes = bytesOf(raw, name);
  return new Int32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
}

export function float32Of(raw: RawFile, name: string): Float32Array<ArrayBuffer> {
  const bytes = bytesOf(raw, name);
  return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
}

/** The name of the tensor that a byte of the file belongs to; "header" before the first. */
export function tensorAt({ tensors, headerBytes }: RawFile, offset: number): string {
  const at = offset - headerBytes;
  const found = Object.entries(tensors).find(
    ([
      ,
      {
        data_offsets: [begin, end],
      },
    ]) => begin <= at && at < end,
  );
  return found?.[0] ?? "header";
}

/**
 * A file with every checksum correct, whatever else is wrong. `overrides` replace computed metadata, the header's own
 * checksum included, which does not cover itself.
 */
export function writeRaw(
  { metadata, tensors, data }: RawFile,
  overrides: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const blank = { ...metadata, headerChecksum: "0".repeat(16) };
  const headerBytes = headerOf(blank, tensors).byteLength;
  const signed: Record<string, string> = { ...blank };
  for (const [name, { data_offsets: offsets }] of Object.entries(tensors)) {
    const key = `checksum.${name}`;
    if (!(key in metadata)) continue;
    const seed = xxh64(new TextEncoder().encode(name), BigInt(headerBytes + offsets[0]));
    signed[key] = hex(xxh64(data.subarray(offsets[0], offsets[1]), seed));
  }
  Object.assign(signed, overrides, { headerChecksum: blank.headerChecksum });
  signed.headerChecksum = overrides.headerChecksum ?? hex(xxh64(headerOf(signed, tensors), 0n));
  if (!("headerChecksum" in metadata)) delete signed.headerChecksum;
  const header = headerOf(signed, tensors);
  const file = new Uint8Array(header.byteLength + data.byteLength);
  file.set(header);
  file.set(data, header.byteLength);
  return file;
}

/** The length field and the JSON, padded with spaces to a multiple of 16. */
function headerOf(metadata: RawFile["metadata"], tensors: RawFile["tensors"]): Uint8Array<ArrayBuffer> {
  const json = new TextEncoder().encode(JSON.stringify({ __metadata__: metadata, ...tensors }));
  const bytes = new Uint8Array(Math.ceil((LENGTH_BYTES + json.byteLength) / ALIGNMENT) * ALIGNMENT).fill(0x20);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(bytes.byteLength - LENGTH_BYTES), true);
  bytes.set(json, LENGTH_BYTES);
  return bytes;
}
