import { sha256 } from "../../src/bytes/sha256.ts";
import { type Part, type Pointer, partKey, serialisePointer } from "../../src/publication/pointer.ts";

/** The target of a publication: a bucket, a namespace, or a test's own wrapper of one. */
export type Put = (key: string, value: Uint8Array | string) => Promise<unknown>;

/** The bytes of a part. They are so few that small files have several parts. */
const PART_BYTES = 5000;

/** The pointer and the parts of a file. */
async function split(file: Uint8Array, version: string): Promise<{ pointer: Pointer; bytes: Uint8Array[] }> {
  const bytes: Uint8Array[] = [];
  for (let start = 0; start < file.length; start += PART_BYTES) bytes.push(file.slice(start, start + PART_BYTES));
  const parts: Part[] = [];
  for (const part of bytes) parts.push({ sha256: await digestOf(part), byteLength: part.length });
  return { pointer: { version, sha256: await digestOf(file), byteLength: file.length, parts }, bytes };
}

/** Puts the parts, then the pointer, with `fields` replaced. */
export async function publish(
  put: Put,
  key: string,
  file: Uint8Array,
  version: string,
  fields: Partial<Pointer> = {},
): Promise<Pointer> {
  const { pointer, bytes } = await split(file, version);
  for (const [i, part] of pointer.parts.entries()) await put(partKey(key, part), bytes[i] as Uint8Array);
  await put(key, serialisePointer({ ...pointer, ...fields }));
  return pointer;
}

const digestOf = (bytes: Uint8Array): Promise<string> => sha256(new Uint8Array(bytes));
