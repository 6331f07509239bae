import { factsOfInfo } from "../../publication/facts-of-info.ts";
import { checkVersionName } from "../../publication/fields.ts";
import { type Manifest, type ManifestPart, sealManifest } from "../../publication/manifest.ts";
import { MAX_PART_BYTES } from "../../publication/pointer.ts";
import { besideManifest, isTried, refuseDuringCanary } from "../../publication/publishing/canary.ts";
import { contractFrom } from "../../publication/publishing/contracts.ts";
import {
  contentOf,
  flipCurrent,
  isManifest,
  type Published,
  pointerBefore,
  type ReadPointer,
  sequenceOf,
} from "../../publication/publishing/current.ts";
import { claim } from "../../publication/publishing/pruning-marks.ts";
import type { PublishOptions } from "../../publication/publishing/publish-version.ts";
import { factsOfManifest, publishedFacts } from "../../publication/publishing/published-facts.ts";
import { checkPartMemory, publishedPart, putPartFile } from "../../publication/publishing/put-part-file.ts";
import { isBreaking } from "../../publication/publishing/successor.ts";
import { checkVersion, putVersion } from "../../publication/publishing/versions.ts";
import { without } from "../../publication/without.ts";
import { type Noting, noteOfFewerParts } from "./fewer-parts.ts";
import { type OfLog, requireKeptBeside } from "./kept-by-log.ts";
import { readFacts } from "./read-facts.ts";
import { OPTIONS_OF_COMMANDS } from "./remedies.ts";
import type { Store } from "./store.ts";
import type { VerifiedFile } from "./verified-file.ts";

/** A manifest whose parts are files, and readers of them. */
export interface FilesOfManifest {
  readonly manifest: Manifest;
  /** Reads the file of a part, verifies it, and checks it against the manifest. */
  readPart(part: ManifestPart): Promise<VerifiedFile>;
  /** Does the same for a caller that loads the bytes, which verifies them. */
  openPart(part: ManifestPart): Promise<Uint8Array<ArrayBuffer>>;
}

export interface ManifestPublication {
  /** "current": all was already as it should be, and nothing was written. */
  readonly outcome: "published" | "canary" | "current";
  /** The manifest that is now current. If the version is a canary, it is that of the version before, with its canary. */
  readonly pointer: Manifest;
  /** The number of pieces of files that the store did not have. */
  readonly newParts: number;
}

/**
 * Publishes all parts of a manifest and then the manifest, which takes the place of the pointer in the same single conditional
 * write. Each part gets a pointer of its own, named by its content, so parts that did not change are not written again. One
 * part is in memory at a time. A canary is published in the same way, and named in the current manifest.
 *
 * @throws Error as publish does
 */
export async function publishManifest(
  store: Store,
  pointerKey: string,
  given: FilesOfManifest,
  options: Omit<PublishOptions, "facts" | "remedies"> & Noting & OfLog,
): Promise<ManifestPublication> {
  const { manifest } = given;
  const { version, canary, onStep = () => {}, onNote = () => {} } = options;
  checkVersionName('"version"', version);
  onStep({ phase: "read", done: 0, total: 1 });
  const before = await pointerBefore(store, pointerKey, options);
  if (before && !options.isForced && !options.isOfLog) {
    await requireKeptBeside(store, pointerKey, { version, sequence: manifest.log?.sequence });
  }
  const beside =
    canary === undefined ? undefined : besideManifest(store, pointerKey, before, { version, share: canary });
  const pointer = await sealManifest({
    ...unsealed(manifest),
    version,
    parts: manifest.parts.map(publishedPart),
    // A canary answers the clients of the current version.
    ...(await relationTo(
      before,
      store,
      pointerKey,
      manifest,
      beside ? { ...options, isIncompatible: false } : options,
    )),
  });
  if (before && !beside && isSame(before.pointer, pointer)) {
    const newParts = await putFiles(store, pointerKey, given, options); // one may be damaged or gone
    return { outcome: newParts > 0 ? "published" : "current", pointer: before.pointer, newParts };
  }
  refuseDuringCanary(before, beside && version);
  const note = noteOfFewerParts(before?.pointer, pointer);
  if (note !== undefined) onNote(note);
  await claim(store, pointerKey, version, []);
  await checkVersion(store, pointerKey, pointer);
  if (beside && isTried(before, beside)) return { outcome: "current", pointer: beside, newParts: 0 };
  const newParts = await putFiles(store, pointerKey, given, options);
  onStep({ phase: "version", done: 0, total: 1 });
  await putVersion(store, pointerKey, pointer);
  onStep({ phase: "current", done: 0, total: 1 });
  await flipCurrent(store, pointerKey, before, beside ?? pointer);
  return beside ? { outcome: "canary", pointer: beside, newParts } : { outcome: "published", pointer, newParts };
}

/** Writes the parts, and returns how many pieces of them were new. */
async function putFiles(
  store: Store,
  pointerKey: string,
  { manifest, readPart }: FilesOfManifest,
  { onStep = () => {}, isForced, maxPartBytes = MAX_PART_BYTES }: Omit<PublishOptions, "facts" | "remedies">,
): Promise<number> {
  let newParts = 0;
  for (const [done, part] of manifest.parts.entries()) {
    onStep({ phase: "parts", done, total: manifest.parts.length });
    const { bytes, info } = await readPart(part);
    if (!isForced) checkPartMemory(part, info.memoryBytes, MORE_PARTS);
    newParts += await putPartFile(store, pointerKey, part, { bytes, facts: factsOfInfo(info) }, maxPartBytes);
  }
  return newParts;
}

const MORE_PARTS = "build more parts (--parts), or pass --force if processes serve them";

const isSame = (before: Published, after: Manifest): before is Manifest =>
  isManifest(before) &&
  before.version === after.version &&
  contentOf(before) === contentOf(after) &&
  sequenceOf(before) === sequenceOf(after);

/** Returns a manifest without the fields that a publication sets. */
const unsealed = (manifest: Manifest) =>
  without(manifest, "version", "generation", "parts", "contract", "previous", "canary");

/** Compares the facts with those of the current publication, and returns the fields about it. */
async function relationTo(
  before: ReadPointer | undefined,
  store: Store,
  pointerKey: string,
  manifest: Manifest,
  options: Omit<PublishOptions, "facts" | "remedies">,
): Promise<Pick<Manifest, "contract" | "previous">> {
  if (!before) return {};
  const { version, isIncompatible } = options;
  const factsBefore = await publishedFacts(store, pointerKey, before.pointer, readFacts);
  const after = { version, facts: factsOfManifest(manifest) };
  if (factsBefore)
    isBreaking({ version: before.pointer.version, facts: factsBefore }, after, options, OPTIONS_OF_COMMANDS);
  const contract = isIncompatible ? contractFrom(version, before.pointer.contract) : before.pointer.contract;
  return { ...(contract !== undefined && { contract }), previous: before.pointer.version };
}
