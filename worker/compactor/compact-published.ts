import { decodeLoggedSet } from "../../src/changes/index.ts";
import type { ChangeLog } from "../../src/publication/change-log.ts";
import { factsOfInfo } from "../../src/publication/facts-of-info.ts";
import { type Pointer, versionOfContent } from "../../src/publication/pointer.ts";
import { refuseDuringCanary } from "../../src/publication/publishing/canary.ts";
import {
  isManifest,
  type Published,
  type ReadPointer,
  readPointer,
  sequenceOf,
} from "../../src/publication/publishing/current.ts";
import type { PointerPlace } from "../../src/publication/publishing/pointers-beside.ts";
import { type PublicationStore, placeOf } from "../../src/publication/publishing/publication-store.ts";
import { publishVersion } from "../../src/publication/publishing/publish-version.ts";
import { readFile } from "../../src/publication/publishing/single-file.ts";
import type { Remedies } from "../../src/publication/publishing/successor.ts";
import { trimLog } from "../../src/publication/publishing/trimmed-log.ts";
import { setsBehind } from "../../src/train/compaction/log-sets.ts";
import { type CompactionReport, compact } from "../../src/train/compaction/workerd.ts";
import { bytesWithChanges } from "../live/bytes-with-changes.ts";
import { defaultRoom, MOST_ROWS } from "../live/default-room.ts";
import { type SegmentBucket, valuesInBucket } from "../publication/values-in-bucket.ts";
import { compactManifest } from "./compact-manifest.ts";
import { infoOf } from "./info-of.ts";
import { keysIn } from "./keys-in.ts";

/** midx compact reads a log in a bucket. A log of Durable Objects leaves only this. */
const ANEW = "build an index of the whole table and publish it with midx publish --sequence";
const SMALLER = "build a smaller index of the whole table (--row-type i8) and publish it with midx publish --sequence";

/** A compactor has no option that overrides a refusal. The commands have. */
const REMEDIES: Remedies = {
  breaksClients: `run midx compact --incompatible once the clients are ready for it, or ${ANEW} --incompatible`,
  tooLarge: `${SMALLER}, or run midx compact --force if other programs read it`,
  tooLargeBesideCurrent: `${SMALLER}, or run midx compact --force and redeploy the Worker, so that new isolates load it alone`,
};

/** The publication and the log that a compactor works on, and its limits. */
export interface CompactorPlace {
  readonly bucket: SegmentBucket;
  /** The key of the pointer. */
  readonly key: string;
  readonly log: ChangeLog;
  /** The most rows that changes may hold. A compaction is due at half of it. Undefined for the default of midx/live. */
  readonly maxDelta: number | undefined;
  /** The most memory that a compaction may take, in bytes. */
  readonly maxBytes: number;
  readonly calibrate: "quick" | "carry";
}

/** A compaction is due if changes name labels this many times as often as there are labels that make it due. */
const REPEATS = 4;

/** The result of a run of a compactor. */
export interface CompactorRun {
  /** "published": a new version is current. "not due": nothing was compacted. */
  readonly outcome: "published" | "not due";
  /** The current version. */
  readonly version: string;
  /** The last change that it has. */
  readonly sequence: number;
  /** The number of labels named by changes after the previous version, counted until a compaction is due. */
  readonly changedLabels: number;
  /** The last change that the log no longer has. */
  readonly trimmed: number;
  /** The report of the compaction, with sums over the parts of a manifest. Absent if there was none. */
  readonly report?: Omit<CompactionReport, "newIds"> & {
    /** The number of parts of a manifest that have changes. The others stay as they are. */
    readonly compactedParts?: number;
  };
}

/** Compacts the published version if that is due, publishes the result and trims the log. */
export async function compactPublished(place: CompactorPlace): Promise<CompactorRun> {
  const { key, log } = place;
  const store = valuesInBucket(place.bucket, "the bucket");
  const at: PointerPlace = { store, pointerKey: key, keysIn: (folder) => keysIn(store, folder) };
  const before = await readPointer(store, key);
  if (!before) throw new Error(`${placeOf(store, key)} has no published version: midx publish puts one there`);
  const { pointer: current, etag } = before;
  const dueLabels = Math.ceil((place.maxDelta ?? rowsOf(current)) / 2);
  const { changedLabels, isDue } = await changedIn(log, sequenceOf(current), dueLabels);
  if (!isDue) {
    const { version } = current;
    const trimmed = await trimLog(at, log, current);
    return { outcome: "not due", version, sequence: sequenceOf(current), changedLabels, trimmed };
  }
  refuseDuringCanary(before);
  const { pointer, report } = isManifest(current)
    ? await compactManifest(store, place, { pointer: current, etag })
    : await compactFile(store, place, { pointer: current, etag });
  const { version } = pointer;
  const trimmed = await trimLog(at, log, pointer);
  return { outcome: "published", version, sequence: report.sequence, changedLabels, trimmed, report };
}

/** The most rows that changes hold by default. The type of the rows is not known yet, so the largest type is assumed. */
const rowsOf = ({ facts }: Published): number => (facts ? defaultRoom({ dim: facts.dim, rows: "f32" }) : MOST_ROWS);

/**
 * Counts the labels named by changes after a number, until a compaction is due: there are `dueLabels` of them, or they are named
 * REPEATS times as often. Otherwise the log of a few labels that change again and again would grow for ever.
 */
async function changedIn(
  log: ChangeLog,
  after: number,
  dueLabels: number,
): Promise<{ readonly changedLabels: number; readonly isDue: boolean }> {
  const labels = new Set<string>();
  const { sets } = await setsBehind(log, after);
  let [named, isDue] = [0, false];
  for await (const bytes of sets) {
    const { upserts, removals } = decodeLoggedSet(bytes);
    const changed = [...(upserts?.labels ?? []), ...removals];
    named += changed.length;
    for (const label of changed) labels.add(label);
    isDue = labels.size >= dueLabels || named >= REPEATS * dueLabels;
    if (isDue) break;
  }
  return { changedLabels: labels.size, isDue };
}

/** Compacts a published file, and publishes the new one. */
async function compactFile(
  store: PublicationStore,
  place: CompactorPlace,
  before: ReadPointer & { readonly pointer: Pointer },
): Promise<{ readonly pointer: Pointer; readonly report: Omit<CompactionReport, "newIds"> }> {
  const { file, report } = await compactedFile(store, place, before.pointer);
  const { newIds: _, ...kept } = report;
  const info = await infoOf(file);
  const { pointer } = await publishVersion(store, place.key, file, {
    version: versionOfContent(info.contentId),
    facts: factsOfInfo(info),
    sequence: kept.sequence,
    expected: before,
    ...bytesWithChanges(file, file.length, { maxDelta: place.maxDelta }),
    remedies: REMEDIES,
  });
  return { pointer, report: kept };
}

/** Makes the compacted file. Nothing of the older file is held afterwards. */
async function compactedFile(
  store: PublicationStore,
  { key, log, maxBytes, calibrate }: CompactorPlace,
  current: Pointer,
): ReturnType<typeof compact> {
  const { version, byteLength } = current;
  if (2 * byteLength > maxBytes) {
    throw new RangeError(
      `version ${version} has ${byteLength} bytes, and a compaction beside its new version has ${maxBytes} in all ` +
        `("maxBytes"): run midx compact, or ${ANEW}`,
    );
  }
  const file = await readFile(store, key, current);
  const { sequence, sets } = await setsBehind(log, current.sequence ?? 0);
  return compact(file, sets, { calibrate, maxBytes, sequence });
}
