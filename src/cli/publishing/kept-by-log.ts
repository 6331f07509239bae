import { type ChangeLog, LostSetError } from "../../publication/change-log.ts";
import { type Published, sequenceOf } from "../../publication/publishing/current.ts";
import { placeOf } from "../../publication/publishing/publication-store.ts";
import { trimmedUpTo } from "../../publication/publishing/trim-mark.ts";
import { servedBy, trimmable } from "../../publication/publishing/trimmed-log.ts";
import { KeptNumbers } from "../../publication/segments/kept-numbers.ts";
import { SEGMENT_SETS } from "../../publication/segments/segment.ts";
import { SegmentLog } from "../../publication/segments/segment-log.ts";
import { logPrefix, SegmentNames } from "../../publication/segments/segment-names.ts";
import type { SegmentStore } from "../../publication/segments/segment-store.ts";
import { placeIn, type Store } from "./store.ts";

/** A log of changes, with the name of its place in messages. */
export interface NamedLog {
  readonly name: string;
  readonly log: Pick<ChangeLog, "read">;
}

/** A publication that was made of a log. */
export interface OfLog {
  /** The version has the changes of a log up to a number, and the log has those that follow. */
  readonly isOfLog?: boolean;
}

/**
 * Checks that the log still has the changes behind a version that is to be current again, because a service that follows the log
 * refuses the version otherwise. Without `named` it looks for a log in segments beside the pointer. If there is none either, the
 * log is elsewhere, and what compactions have noted or, before they did, the pointers say how far it may be trimmed. Returns the log
 * that it has found.
 *
 * @throws Error if the log no longer has them, has lost some of them, or is shorter than the version says
 */
export async function requireKeptChanges(
  store: Store,
  pointerKey: string,
  before: Published,
  target: Published,
  named: NamedLog | undefined,
): Promise<Pick<ChangeLog, "read"> | undefined> {
  const wanted = { version: target.version, sequence: sequenceOf(target) };
  const found = named ?? (await logBeside(store, pointerKey, wanted));
  await requireBehind(found, wanted, {
    trimmedElsewhere: async () =>
      (await trimmedUpTo(store, pointerKey)) ?? trimmable(placeIn(store, pointerKey), servedBy(before)),
    remedyOfTrimmed:
      "build a new index of the whole table and publish it with midx publish --sequence, " +
      `${found ? "" : "say with --log where a log is that has them, "}or pass --force if no service follows the log`,
    remedyOfShorter: named ? "'--log' is that of another index" : OTHER,
  });
  return found?.log;
}

/**
 * Checks that the log still has the changes behind a version that is published in the place of another one: the log in segments
 * beside the pointer, or one elsewhere that a compaction has trimmed.
 *
 * @throws Error if it no longer has them, has lost some of them, or is shorter than the version says
 */
export async function requireKeptBeside(
  store: Store,
  pointerKey: string,
  { version, sequence = 0 }: { readonly version: string; readonly sequence?: number | undefined },
): Promise<void> {
  const remedy = "say with --sequence which change its table has, or pass --force if no service follows the log";
  await requireBehind(
    await logBeside(store, pointerKey, { version, sequence }),
    { version, sequence },
    {
      trimmedElsewhere: async () => (await trimmedUpTo(store, pointerKey)) ?? 0,
      remedyOfTrimmed: remedy,
      remedyOfShorter: remedy,
    },
  );
}

const OTHER = "it is the log of another index, or has lost some: pass --force if no service follows the log";

/** A version, and the number of the last change that it has. */
interface WantedVersion {
  readonly version: string;
  readonly sequence: number;
}

interface Requirement {
  /** Returns the number up to which a log that cannot be read may be trimmed. */
  readonly trimmedElsewhere: () => Promise<number>;
  /** The remedy where changes behind the version are gone. */
  readonly remedyOfTrimmed: string;
  /** The remedy where the log ends before the version. */
  readonly remedyOfShorter: string;
}

/** Throws if a log that was found, or one elsewhere, lacks changes behind a version, or ends before it. */
async function requireBehind(
  found: NamedLog | undefined,
  { version, sequence }: WantedVersion,
  { trimmedElsewhere, remedyOfTrimmed, remedyOfShorter }: Requirement,
): Promise<void> {
  const { first, head } = found
    ? await found.log.read(sequence, 1)
    : { first: (await trimmedElsewhere()) + 1, head: sequence };
  if (head < sequence) {
    throw new Error(
      `version ${version} has the changes up to ${sequence}, and the log, ${found?.name}, ends with ${head}: ${remedyOfShorter}`,
    );
  }
  if (sequence >= first - 1) return;
  const how = found
    ? `the log, ${found.name}, no longer has those up to`
    : "a compaction may have trimmed the log up to";
  throw new Error(
    `version ${version} needs the changes behind ${sequence}, and ${how} ${first - 1}, so a service that follows it would refuse ` +
      `the version: ${remedyOfTrimmed}`,
  );
}

/**
 * Returns the log in segments beside the pointer. Undefined if there is none.
 *
 * @throws Error if the log lacks a set that this version needs, because somebody has deleted it
 */
async function logBeside(
  store: Store,
  pointerKey: string,
  { version, sequence }: WantedVersion,
): Promise<NamedLog | undefined> {
  const names = new SegmentNames(logPrefix(pointerKey));
  const { first } = await new KeptNumbers(store, names, Date.now).read();
  const there = new Set<number>();
  let head = first - 1;
  for (const { key } of await store.list(names.prefix)) {
    const last = names.lastIn(key);
    const count = key.endsWith(".sets") ? SEGMENT_SETS : 1;
    for (let set = last - count + 1; set <= last; set++) there.add(set);
    head = Math.max(head, last || 0);
  }
  let next = Math.max(first, sequence + 1);
  while (there.has(next)) next++;
  if (next <= head) {
    const { message } = new LostSetError(placeOf(store, names.set(next)), head);
    throw new Error(`version ${version} needs the changes behind ${sequence}, and ${message}`);
  }
  if (head === 0) return undefined;
  const segments: SegmentStore = {
    name: store.name,
    get: (key) => store.get(key),
    put: (...written) => store.put(...written),
    has: async (key) => (await store.get(key, 1)) !== undefined,
    list: async (prefix, behind) => {
      const keys = (await store.list(prefix)).map(({ key }) => key);
      return keys.filter((key) => key > behind).sort();
    },
    remove: (key) => store.remove(key),
  };
  return { name: placeOf(store, names.prefix), log: new SegmentLog(segments, names.prefix) };
}
