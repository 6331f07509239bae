import { sha256 } from "../../src/internal.ts";
import { breakingChange } from "../../src/publication/client-facts.ts";
import {
  MAX_PART_BYTES,
  type Part,
  type Pointer,
  type PublishedFacts,
  partKey,
  serialisePointer,
  versionKey,
} from "../../src/publication/pointer.ts";
import { SWAP_BYTES } from "../contract/limits.ts";
import type { SegmentBucket } from "../publication/segments-in-bucket.ts";
import { claimValues } from "./claim-values.ts";
import { type FoundPointer, readPointer } from "./published-file.ts";

const ABSENT = { onlyIf: { etagDoesNotMatch: "*" } };
const bytesOf = (pointer: Pointer): Uint8Array<ArrayBuffer> =>
  new TextEncoder().encode(serialisePointer(pointer)) as Uint8Array<ArrayBuffer>;

/** A file that is to be the next version. */
export interface NextVersion {
  readonly file: Uint8Array<ArrayBuffer>;
  readonly version: string;
  readonly facts: PublishedFacts;
  readonly sequence: number;
}

/**
 * Publishes a file as midx publish does, if `before` is still current: the parts, then the pointer of the version, then the current
 * one in a single conditional write. Whatever ends it, readers see one whole version.
 *
 * @throws Error if another publication came first, if the file would break clients, or if no isolate could hold it beside the
 * current one
 */
export async function publishVersion(
  bucket: SegmentBucket,
  key: string,
  before: FoundPointer,
  next: NextVersion,
): Promise<Pointer> {
  const { file, version, facts, sequence } = next;
  const { pointer: old } = before;
  checkSuccessor(old, next);
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  for (let at = 0; at < file.byteLength; at += MAX_PART_BYTES) pieces.push(file.subarray(at, at + MAX_PART_BYTES));
  const parts: Part[] = [];
  for (const piece of pieces) parts.push({ sha256: await sha256(piece), byteLength: piece.byteLength });
  await claimValues(bucket, key, version, parts);
  for (const [i, part] of parts.entries()) {
    await bucket.put(partKey(key, part), pieces[i] as Uint8Array<ArrayBuffer>, ABSENT);
  }
  const pointer: Pointer = {
    ...{ version, sha256: await sha256(file), byteLength: file.byteLength, parts, facts },
    ...(old.contract !== undefined && { contract: old.contract }),
    ...{ previous: old.version, sequence },
  };
  if (!(await bucket.put(versionKey(key, version), bytesOf(pointer), ABSENT))) {
    const taken = await readPointer(bucket, versionKey(key, version));
    if (taken?.pointer.sha256 !== pointer.sha256) {
      throw new Error(`"${versionKey(key, version)}" is another file: a version is published only once`);
    }
  }
  if (await bucket.put(key, bytesOf(pointer), { onlyIf: { etagMatches: before.etag } })) return pointer;
  const now = await readPointer(bucket, key);
  throw new Error(`another publication came first: "${key}" is now ${now?.pointer.version ?? "gone"}`);
}

function checkSuccessor({ version: old, facts: before }: Pointer, { version, facts }: NextVersion): void {
  if (!before) return;
  const change = breakingChange(before, facts);
  if (change) throw new Error(`version ${version} would break the clients of ${old}, since it has ${change}`);
  if (before.memoryBytes + facts.memoryBytes <= SWAP_BYTES) return;
  throw new Error(
    `version ${version} needs ${facts.memoryBytes} bytes of memory beside the ${before.memoryBytes} of ${old}, and a Worker that ` +
      `swaps them has ${SWAP_BYTES}: use midx compact with --force and redeploy the Worker`,
  );
}
