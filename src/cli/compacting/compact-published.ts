import { bytesWithChanges } from "../../../worker/live/bytes-with-changes.ts";
import type { ChangeLog } from "../../publication/change-log.ts";
import { factsOfInfo } from "../../publication/facts-of-info.ts";
import { versionOfContent } from "../../publication/pointer.ts";
import { refuseDuringCanary } from "../../publication/publishing/canary.ts";
import { isManifest, type Published, readPointer } from "../../publication/publishing/current.ts";
import { placeOf } from "../../publication/publishing/publication-store.ts";
import { readFile } from "../../publication/publishing/single-file.ts";
import { trimLog } from "../../publication/publishing/trimmed-log.ts";
import { compact } from "../../train/compaction/compact-inlined.ts";
import type { CompactionReport } from "../../train/compaction/compact-options.ts";
import { setsBehind } from "../../train/compaction/log-sets.ts";
import type { PartsReport } from "../../train/compaction/parts/compact-parts.ts";
import { publish } from "../publishing/publish.ts";
import { placeIn, type Store } from "../publishing/store.ts";
import { verified } from "../publishing/verified-file.ts";
import { compactPublishedParts } from "./compact-parts.ts";
import { measuredWith } from "./measure-options.ts";
import type { CompactPublishedOptions } from "./published-options.ts";

export interface CompactedVersion {
  /** "current": the published version has all changes of the log, and nothing was written but the trimmed log. */
  readonly outcome: "published" | "current";
  readonly pointer: Published;
  /** Undefined if nothing was compacted. */
  readonly report?: CompactionReport | PartsReport;
  /** The log was trimmed up to this number. */
  readonly trimmed: number;
}

/**
 * Compacts the published version and the changes of the log up to its head, and publishes the result. Whatever kills it,
 * readers see one whole version: the new one is written beside the old one, and a single conditional write makes it current. It
 * gives up if another publication came first. The log is trimmed last, of the changes that no version that can be served needs.
 */
export async function compactPublished(
  store: Store,
  pointerKey: string,
  log: ChangeLog,
  options: CompactPublishedOptions,
): Promise<CompactedVersion> {
  const { compact: measuring, room, version, ...publishing } = options;
  const { onStep } = publishing;
  const before = await readPointer(store, pointerKey);
  if (!before) throw new Error(`${placeOf(store, pointerKey)} has no published version: midx publish puts one there`);
  const { pointer: current } = before;
  const place = placeIn(store, pointerKey);
  if (isManifest(current)) {
    const compacted = await compactPublishedParts(store, pointerKey, { ...before, pointer: current }, log, options);
    return { ...compacted, trimmed: await trimLog(place, log, compacted.pointer) };
  }
  const { sequence, sets } = await setsBehind(log, current.sequence ?? 0);
  if (sequence === (current.sequence ?? 0)) {
    return { outcome: "current", pointer: current, trimmed: await trimLog(place, log, current) };
  }
  refuseDuringCanary(before);
  onStep({ phase: "read", done: 0, total: current.parts.length });
  const file = await readFile(store, pointerKey, current);
  onStep({ phase: "compact", done: 0, total: 1 });
  const compaction = await compact(file, sets, { ...(await measuredWith(file, measuring)), sequence });
  const { info } = await verified(compaction.file);
  const { outcome, pointer } = await publish(store, pointerKey, compaction.file, {
    ...publishing,
    version: version ?? versionOfContent(info.contentId),
    facts: factsOfInfo(info),
    sequence,
    expected: before,
    isOfLog: true,
    ...bytesWithChanges(compaction.file, compaction.file.length, room),
  });
  onStep({ phase: "trim", done: 0, total: 1 });
  return {
    outcome: outcome === "current" ? outcome : "published",
    pointer,
    report: compaction.report,
    trimmed: await trimLog(place, log, pointer),
  };
}
