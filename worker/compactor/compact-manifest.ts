import type { ChangeLog } from "../../src/publication/change-log.ts";
import { factsOfInfo } from "../../src/publication/facts-of-info.ts";
import { type Manifest, type ManifestPart, sealManifest } from "../../src/publication/manifest.ts";
import { flipCurrent, type ReadPointer, sequenceOf } from "../../src/publication/publishing/current.ts";
import { pointerOf } from "../../src/publication/publishing/pointer-of-part.ts";
import { claim } from "../../src/publication/publishing/pruning-marks.ts";
import type { PublicationStore } from "../../src/publication/publishing/publication-store.ts";
import { checkPartMemory, publishedPart, putPartFile } from "../../src/publication/publishing/put-part-file.ts";
import { readFile } from "../../src/publication/publishing/single-file.ts";
import { checkVersion, putVersion } from "../../src/publication/publishing/versions.ts";
import { setsBehind } from "../../src/train/compaction/log-sets.ts";
import { loggedChanges } from "../../src/train/compaction/parts/changes-by-part.ts";
import { compactParts, type PartsReport, type PartsStep } from "../../src/train/compaction/parts/compact-parts.ts";
import { carriedMeasures, type PartFiles, type PartsTools } from "../../src/train/compaction/parts/parts-tools.ts";
import { compact } from "../../src/train/compaction/workerd.ts";
import { infoOf } from "./info-of.ts";

/** The limits of a compaction of parts, and its log. */
export interface ManifestCompaction {
  readonly key: string;
  readonly log: ChangeLog;
  readonly maxBytes: number;
  readonly calibrate: "quick" | "carry";
}

/** A manifest that was compacted and published. */
export interface CompactedManifest {
  readonly pointer: Manifest;
  readonly report: PartsReport;
}

const ELSEWHERE = "run midx compact, which has the memory of its machine";
/** A set is in memory as it was read, and once more by its values and labels. */
const BYTES_OF_SET = 2;
/** A file that is compacted is there beside its new file. */
const BYTES_OF_FILE = 2;

/**
 * Compacts those parts of a published manifest that have changes in the log, one after the other. The bucket keeps each as soon as
 * it is made, and no reader sees it: the manifest that names it becomes current in one conditional write at the end. A run that is
 * killed before leaves parts that the next run or `midx prune` replaces or removes.
 *
 * @throws Error if the parts take no changes or do not fit an isolate, and if another publication came first; RangeError for
 *   changes or a part that take more than `maxBytes`, named with what its user can do
 */
export async function compactManifest(
  store: PublicationStore,
  { key, log, maxBytes, calibrate }: ManifestCompaction,
  before: ReadPointer & { readonly pointer: Manifest },
): Promise<CompactedManifest> {
  const manifest = before.pointer;
  const behind = await setsBehind(log, sequenceOf(manifest));
  let left = maxBytes;
  const changes = await loggedChanges(behind, (byteLength) => {
    left = maxBytes - BYTES_OF_SET * byteLength;
    if (left > 0) return;
    throw new RangeError(
      `the changes behind version ${manifest.version} take more than ${maxBytes} bytes ("maxBytes"): ${ELSEWHERE}`,
    );
  });
  const files: PartFiles = {
    read: async (part) => readFile(store, key, await pointerOf(store, key, manifest, part)),
    async keep(part, bytes, info) {
      checkPartMemory(part, info.memoryBytes, "build more parts, or run midx compact --force if processes serve them");
      await putPartFile(store, key, part, { bytes, facts: factsOfInfo(info) });
      return publishedPart(part);
    },
  };
  let current: ManifestPart | undefined;
  const tools: PartsTools = { ...TOOLS, compact: (...given) => naming(manifest, current, () => compact(...given)) };
  const { made, report } = await compactParts({
    manifest,
    changes,
    tools,
    files,
    options: { calibrate, maxBytes: left },
    onStep(step) {
      requireRoom(manifest, step, { left, maxBytes });
      current = step.part;
    },
  });
  const { contract } = manifest;
  const parts = made.parts.map(publishedPart);
  const pointer = await sealManifest({
    ...made,
    parts,
    previous: manifest.version,
    ...(contract !== undefined && { contract }),
  });
  await claim(store, key, pointer.version, []);
  await checkVersion(store, key, pointer);
  await putVersion(store, key, pointer);
  await flipCurrent(store, key, before, pointer);
  return { pointer, report };
}

const TOOLS: Omit<PartsTools, "compact"> = {
  describe: infoOf,
  // Measuring merged answers opens every part several times, two of which may be in memory at once.
  measure: (_, older) => carriedMeasures(older),
};

/** Throws a RangeError that names a part which takes more memory than the changes have left of `maxBytes`. */
function requireRoom(
  { version }: Manifest,
  { phase, part }: PartsStep,
  { left, maxBytes }: { readonly left: number; readonly maxBytes: number },
): void {
  if (!part) return;
  // Labels are found in the file alone.
  const needed = (phase === "read" ? 1 : BYTES_OF_FILE) * part.byteLength;
  if (needed <= left) return;
  throw new RangeError(
    `part ${part.number} of version ${version} has ${part.byteLength} bytes, and a compaction beside its new file and the ` +
      `changes has ${maxBytes} in all ("maxBytes"): ${ELSEWHERE}, or build more parts`,
  );
}

/** Names the part in the message of an error. */
async function naming<T>({ version }: Manifest, part: ManifestPart | undefined, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (part && error instanceof Error) error.message = `part ${part.number} of version ${version}: ${error.message}`;
    throw error;
  }
}
