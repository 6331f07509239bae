import { sha256 } from "../../bytes/sha256.ts";
import { checkVersionName } from "../fields.ts";
import { MAX_PART_BYTES, type Pointer, type PublishedFacts } from "../pointer.ts";
import { besideCurrent, isTried, refuseDuringCanary } from "./canary.ts";
import { contractFrom } from "./contracts.ts";
import { flipCurrent, isManifest, type Published, pointerBefore, type ReadPointer } from "./current.ts";
import { type FilePart, putPart, splitFile } from "./parts.ts";
import { claim } from "./pruning-marks.ts";
import type { PublicationStore } from "./publication-store.ts";
import { publishedFacts, type ReadFacts } from "./published-facts.ts";
import { checkMemory, isBreaking, type Overrides, type Readers, type Remedies } from "./successor.ts";
import { checkVersion, putVersion } from "./versions.ts";

/** A step of a publication, before it is made. */
export interface PublicationStep {
  readonly phase: "read" | "parts" | "version" | "current";
  /** The parts so far, of `total`. */
  readonly done: number;
  readonly total: number;
}

export interface PublishOptions extends Overrides, Readers {
  /** The remedies that the messages of refusals suggest. */
  readonly remedies: Remedies;
  /** A name that no other file was published under. */
  readonly version: string;
  /** The facts of the file. Without them nothing is compared with the previous version, and the pointer has no facts. */
  readonly facts?: PublishedFacts;
  /** Reads the facts of the previous version if its pointer has none. Without this function, the file is then not compared. */
  readonly readFacts?: ReadFacts;
  /** Called before each step. If it throws, the publication ends and the current version stays. */
  readonly onStep?: (step: PublicationStep) => void;
  /** Tries the version with this share of the callers beside the current one. Default: it replaces the current one. */
  readonly canary?: number;
  /** Default: MAX_PART_BYTES, which is also the maximum for readers. */
  readonly maxPartBytes?: number;
  /** The number of the last change in the log of the index that the file has. Default: none. */
  readonly sequence?: number;
  /** The pointer that must still be current, or that there must be none. Default: as it is when the publication begins. */
  readonly expected?: ReadPointer | "absent";
}

export interface Publication {
  /** "current": all was already as it should be, and nothing was written. */
  readonly outcome: "published" | "canary" | "current";
  /** The pointer that is now current. If the file is a canary, it is the pointer of the version before, with its canary. */
  readonly pointer: Pointer;
  /** The number of parts that the store did not have. */
  readonly newParts: number;
}

/**
 * Publishes an index file, which the caller has verified. The order of the writes makes it safe to be killed at any time: first
 * the parts, each of them read back, then the pointer of the version, and then current.json, in a single conditional write that
 * fails if another publication came first. A canary is published in the same way, and named in the pointer of the current
 * version.
 *
 * @throws RangeError if `version` is not a valid name; FormatError "pointer" if an existing pointer is damaged; Error if another
 * file has the name, if the file would break clients or does not fit into a Worker, if a part reads back differently, or if
 * another publication came first
 */
export async function publishVersion(
  store: PublicationStore,
  pointerKey: string,
  bytes: Uint8Array<ArrayBuffer>,
  options: PublishOptions,
): Promise<Publication> {
  const { version, canary, onStep = () => {}, maxPartBytes = MAX_PART_BYTES } = options;
  checkVersionName('"version"', version);
  onStep({ phase: "read", done: 0, total: 1 });
  const parts = await splitFile(bytes, maxPartBytes);
  const before = await pointerBefore(store, pointerKey, options);
  const file = {
    version,
    sha256: await sha256(bytes),
    byteLength: bytes.byteLength,
    parts: parts.map(({ part }) => part),
  };
  const beside =
    canary === undefined
      ? undefined
      : await besideCurrent(store, pointerKey, before, { version, share: canary }, options.readFacts);
  if (before && !beside && isSame(before.pointer, file, options.sequence)) {
    const newParts = await putParts(store, pointerKey, parts, onStep); // one may be damaged or gone
    return { outcome: newParts > 0 ? "published" : "current", pointer: before.pointer, newParts };
  }
  refuseDuringCanary(before, beside && version);
  const pointer = {
    ...file,
    ...(await describedAfter(store, pointerKey, before?.pointer, beside ? { ...options, ...ALONGSIDE } : options)),
    ...(before && { previous: before.pointer.version }),
    ...(options.sequence !== undefined && { sequence: options.sequence }),
  };
  await claim(store, pointerKey, version, pointer.parts);
  await checkVersion(store, pointerKey, pointer);
  if (beside && isTried(before, beside)) return { outcome: "current", pointer: beside, newParts: 0 };
  const newParts = await putParts(store, pointerKey, parts, onStep);
  onStep({ phase: "version", done: 0, total: 1 });
  await putVersion(store, pointerKey, pointer);
  onStep({ phase: "current", done: 0, total: 1 });
  await flipCurrent(store, pointerKey, before, beside ?? pointer);
  return beside ? { outcome: "canary", pointer: beside, newParts } : { outcome: "published", pointer, newParts };
}

/** A canary answers the clients of the current version, and is always loaded beside it. */
const ALONGSIDE = { isIncompatible: false, isDeployed: false };

/** Compares the facts of a file with those of the previous version, and returns the fields of the pointer about them. */
async function describedAfter(
  store: PublicationStore,
  pointerKey: string,
  before: Published | undefined,
  options: PublishOptions,
): Promise<Pick<Pointer, "facts" | "contract">> {
  const { version, facts, readFacts, remedies } = options;
  if (!facts) return {};
  const after = { version, facts };
  const factsBefore = before && (await publishedFacts(store, pointerKey, before, readFacts));
  const known = before && factsBefore && { version: before.version, facts: factsBefore };
  if (known) isBreaking(known, after, options, remedies);
  checkMemory(known, after, options, options, remedies);
  const contract = before && options.isIncompatible ? contractFrom(version, before.contract) : before?.contract;
  return { facts, ...(contract !== undefined && { contract }) };
}

const isSame = (
  before: Published,
  { version, sha256 }: Pick<Pointer, "version" | "sha256">,
  sequence: number | undefined,
): before is Pointer =>
  !isManifest(before) && before.version === version && before.sha256 === sha256 && before.sequence === sequence;

/** Writes the parts and returns how many were new. */
async function putParts(
  store: PublicationStore,
  pointerKey: string,
  parts: readonly FilePart[],
  onStep: (step: PublicationStep) => void,
): Promise<number> {
  let newParts = 0;
  for (const [done, part] of parts.entries()) {
    onStep({ phase: "parts", done, total: parts.length });
    if ((await putPart(store, pointerKey, part)) === "put") newParts++;
  }
  return newParts;
}
