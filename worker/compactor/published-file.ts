import { sha256 } from "../../src/internal.ts";
import { isManifestText } from "../../src/publication/manifest.ts";
import { type Pointer, partKey, pointerIn } from "../../src/publication/pointer.ts";
import type { SegmentBucket } from "../publication/segments-in-bucket.ts";

/** The pointer at a key, with the tag for a conditional write in its place. */
export interface FoundPointer {
  readonly pointer: Pointer;
  readonly etag: string;
}

/** Reads a pointer. Undefined if the bucket has none. Error for a manifest, whose parts are not compacted here. */
export async function readPointer(bucket: SegmentBucket, key: string): Promise<FoundPointer | undefined> {
  const found = await bucket.get(key);
  if (!found) return undefined;
  const bytes = new Uint8Array(await found.arrayBuffer());
  if (isManifestText(new TextDecoder().decode(bytes))) {
    throw new Error(`"${key}" is a manifest of parts, which are not compacted: build the parts anew`);
  }
  return { pointer: pointerIn(bytes), etag: found.etag };
}

/** Reads all parts of a file and checks their hashes. */
export async function readFile(
  bucket: SegmentBucket,
  key: string,
  { version, byteLength, parts }: Pointer,
): Promise<Uint8Array<ArrayBuffer>> {
  const file = new Uint8Array(byteLength);
  let at = 0;
  for (const part of parts) {
    const found = await bucket.get(partKey(key, part));
    if (!found) throw new Error(`version ${version} has no part "${partKey(key, part)}": publish it again`);
    const bytes = new Uint8Array(await found.arrayBuffer());
    if (bytes.byteLength !== part.byteLength || (await sha256(bytes)) !== part.sha256) {
      throw new Error(`"${partKey(key, part)}" of version ${version} is damaged: publish it again`);
    }
    file.set(bytes, at);
    at += part.byteLength;
  }
  return file;
}
