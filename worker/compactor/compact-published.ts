import { decodeLoggedSet } from "../../src/changes/index.ts";
import type { ChangeLog } from "../../src/publication/change-log.ts";
import { factsOfInfo } from "../../src/publication/facts-of-info.ts";
import { neededBehind } from "../../src/publication/kept-changes.ts";
import { type Pointer, type PublishedFacts, versionKey, versionOfContent } from "../../src/publication/pointer.ts";
import { setsBehind } from "../../src/train/compaction/log-sets.ts";
import { type CompactionReport, compact } from "../../src/train/compaction/workerd.ts";
import { load } from "../../src/workerd.ts";
import { INDEX_LIMITS } from "../contract/limits.ts";
import type { SegmentBucket } from "../publication/segments-in-bucket.ts";
import { publishVersion } from "./publish-version.ts";
import { type FoundPointer, readFile, readPointer } from "./published-file.ts";

/** What a compactor works on, and when. */
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

/** What a run of a compactor did. */
export interface CompactorRun {
  /** "published": a new version is current. "not due": nothing was compacted. */
  readonly outcome: "published" | "not due";
  /** The current version. */
  readonly version: string;
  /** The last change that it has. */
  readonly sequence: number;
  /** The number of labels that the changes behind the version before had named, counted up to what makes a compaction due. */
  readonly changedLabels: number;
  /** The last change that the log has no more. */
  readonly trimmed: number;
  /** What the compaction did. Absent if there was none. */
  readonly report?: Omit<CompactionReport, "newIds">;
}

/** Compacts the published version if that is due, publishes the result and trims the log. */
export async function compactPublished(place: CompactorPlace): Promise<CompactorRun> {
  const { bucket, key, log } = place;
  const before = await readPointer(bucket, key);
  if (!before) throw new Error(`the bucket has no "${key}": midx publish puts an index there`);
  const dueLabels = Math.ceil((place.maxDelta ?? mostRows(before.pointer)) / 2);
  const changedLabels = await changedIn(log, before.pointer.sequence ?? 0, dueLabels);
  const { version, sequence = 0 } = before.pointer;
  if (changedLabels < dueLabels) {
    return { outcome: "not due", version, sequence, changedLabels, trimmed: await trim(place, before.pointer) };
  }
  requireNoCanary(before.pointer);
  const { file, report } = await compactedFile(place, before);
  const { contentId, facts } = await describe(file);
  const next = { file, version: versionOfContent(contentId), facts, sequence: report.sequence };
  const pointer = await publishVersion(bucket, key, before, next);
  const { newIds: _, ...kept } = report;
  return {
    ...{ outcome: "published", version: pointer.version, sequence: report.sequence, changedLabels },
    ...{ trimmed: await trim(place, pointer), report: kept },
  };
}

/** A publication would end a canary unnoticed. */
function requireNoCanary({ version, canary }: Pointer): void {
  if (!canary) return;
  throw new Error(
    `version ${canary.version} is tried as a canary beside ${version}: end that first, with midx promote or midx rollback`,
  );
}

/** The most rows that changes of midx/live hold by default, and the most bytes that they take; the type of the rows is not known yet. */
const MOST_ROWS = 20_000;
const MOST_BYTES = 8_000_000;
const mostRows = ({ facts }: Pointer): number => Math.min(MOST_ROWS, Math.floor(MOST_BYTES / (4 * (facts?.dim ?? 1))));

/** Counts the labels that changes behind a number have named, up to the number from which on a compaction is due. */
async function changedIn(log: ChangeLog, after: number, most: number): Promise<number> {
  const labels = new Set<string>();
  const { sets } = await setsBehind(log, after);
  for await (const bytes of sets) {
    const { upserts, removals } = decodeLoggedSet(bytes);
    for (const label of [...(upserts?.labels ?? []), ...removals]) labels.add(label);
    if (labels.size >= most) break;
  }
  return labels.size;
}

/** Nothing of the older file is held once this has ended. */
async function compactedFile(
  { bucket, key, log, maxBytes, calibrate }: CompactorPlace,
  { pointer }: FoundPointer,
): ReturnType<typeof compact> {
  if (2 * pointer.byteLength > maxBytes) {
    throw new RangeError(
      `version ${pointer.version} has ${pointer.byteLength} bytes, and a compaction beside its new version has ${maxBytes} ` +
        "in all: use midx compact",
    );
  }
  const file = await readFile(bucket, key, pointer);
  const { sequence, sets } = await setsBehind(log, pointer.sequence ?? 0);
  return compact(file, sets, { calibrate, maxBytes, sequence });
}

/** Loads a file as a Worker does, which checks all of it. */
async function describe(file: Uint8Array): Promise<{ readonly contentId: string; readonly facts: PublishedFacts }> {
  const index = await load(file, INDEX_LIMITS);
  const { info } = index;
  index.dispose();
  return { contentId: info.contentId, facts: factsOfInfo(info) };
}

/** Trims the log to what no version needs that can be served. */
async function trim({ bucket, key, log }: CompactorPlace, current: Pointer): Promise<number> {
  const needed = await neededBehind(current, async (version) => {
    const found = await readPointer(bucket, versionKey(key, version));
    return found && (found.pointer.sequence ?? 0);
  });
  if (needed > 0) await log.trim(needed);
  return needed;
}
