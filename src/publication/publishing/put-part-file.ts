import { ISOLATE_BYTES } from "../../memory/load-options.ts";
import type { ManifestPart } from "../manifest.ts";
import { MAX_PART_BYTES, type Pointer, type PublishedFacts, versionKey } from "../pointer.ts";
import { putPart, splitFile } from "./parts.ts";
import { claim } from "./pruning-marks.ts";
import type { PublicationStore } from "./publication-store.ts";
import { putVersion } from "./versions.ts";

/** The name under which a part is published, which no other file has. */
const partVersion = ({ sha256 }: Pick<ManifestPart, "sha256">): Pointer["version"] => `part-${sha256.slice(0, 24)}`;

/** Returns a part as the manifest of a publication names it, by its pointer. */
export function publishedPart({ number, file: _, pointer: __, ...part }: ManifestPart): ManifestPart {
  return { number, pointer: versionKey("", partVersion(part)), ...part };
}

/**
 * Writes the file of a part, and then its pointer, which is named by its content. No reader sees it before a manifest names it.
 * Returns the number of pieces that the store did not have.
 */
export async function putPartFile(
  store: PublicationStore,
  pointerKey: string,
  part: ManifestPart,
  { bytes, facts }: { readonly bytes: Uint8Array<ArrayBuffer>; readonly facts: PublishedFacts },
  maxPartBytes = MAX_PART_BYTES,
): Promise<number> {
  const version = partVersion(part);
  const pieces = await splitFile(bytes, maxPartBytes);
  const parts = pieces.map(({ part: piece }) => piece);
  await claim(store, pointerKey, version, parts);
  let newParts = 0;
  for (const piece of pieces) if ((await putPart(store, pointerKey, piece)) === "put") newParts++;
  await putVersion(store, pointerKey, {
    version,
    sha256: part.sha256,
    byteLength: part.byteLength,
    parts,
    facts,
  });
  return newParts;
}

/**
 * Throws an Error if an isolate has too little memory for a part. Each generation of a part has an isolate of its own. `remedy`
 * ends the message.
 */
export function checkPartMemory({ number }: ManifestPart, memoryBytes: number, remedy: string): void {
  if (memoryBytes <= ISOLATE_BYTES) return;
  throw new Error(
    `part ${number} needs ${memoryBytes} bytes of memory, and an isolate of a Worker has ${ISOLATE_BYTES} for an index: ${remedy}`,
  );
}
