import { type ChangeLog, LostSetError } from "../../publication/change-log.ts";
import { type Published, sequenceOf } from "../../publication/publishing/current.ts";
import { placeOf } from "../../publication/publishing/publication-store.ts";
import { trimmable } from "../../publication/publishing/trimmed-log.ts";
import { KeptNumbers } from "../../publication/segments/kept-numbers.ts";
import { SEGMENT_SETS } from "../../publication/segments/segment.ts";
import { logPrefix, SegmentNames } from "../../publication/segments/segment-names.ts";
import type { Store } from "./store.ts";

/** A log of changes, with the name of its place in messages. */
export interface NamedLog {
  readonly name: string;
  readonly log: Pick<ChangeLog, "read">;
}

/**
 * Checks that the log still has the changes behind a version that is to be current again, because a service that follows the log
 * refuses the version otherwise. Without `named` it looks for a log in segments beside the pointer. If there is none either, the
 * log is elsewhere, and the pointers say how far a compaction has trimmed it at least.
 *
 * @throws Error if the log no longer has them, has lost some of them, or is shorter than the version says
 */
export async function requireKeptChanges(
  store: Store,
  pointerKey: string,
  before: Published,
  target: Published,
  named: NamedLog | undefined,
): Promise<void> {
  const { version } = target;
  const sequence = sequenceOf(target);
  const [first, place] = named
    ? [await firstIn(named, version, sequence), named.name]
    : [await firstBeside(store, pointerKey, version, sequence), placeOf(store, logPrefix(pointerKey))];
  const begins =
    first === undefined
      ? [await trimmable(store, pointerKey, before), "a compaction may have trimmed the log up to"]
      : [first - 1, `the log, ${place}, no longer has those up to`];
  const [trimmed, how] = begins as [number, string];
  if (sequence >= trimmed) return;
  throw new Error(
    `version ${version} needs the changes behind ${sequence}, and ${how} ${trimmed}, so a service that follows it would refuse the ` +
      "version: build a new index of the whole table and publish it with midx publish --sequence, " +
      `${first === undefined ? "say with --log where a log is that has them, " : ""}or pass --force if no service follows the log`,
  );
}

/**
 * Checks that a log in segments beside the pointer, if there is one, still has the changes behind a version that is published.
 *
 * @throws Error if it no longer has them, or has lost some of them
 */
export async function requireKeptBeside(
  store: Store,
  pointerKey: string,
  { version, sequence = 0 }: { readonly version: string; readonly sequence?: number | undefined },
): Promise<void> {
  const first = (await firstBeside(store, pointerKey, version, sequence)) ?? 1;
  if (sequence >= first - 1) return;
  throw new Error(
    `version ${version} needs the changes behind ${sequence}, and the log, ${placeOf(store, logPrefix(pointerKey))}, no longer has ` +
      `those up to ${first - 1}, so a service that follows it would refuse the version: say with --sequence which change its table ` +
      "has, or pass --force if no service follows the log",
  );
}

async function firstIn({ name, log }: NamedLog, version: string, sequence: number): Promise<number> {
  const { first, head } = await log.read(sequence, 1);
  if (head >= sequence) return first;
  throw new Error(
    `version ${version} has the changes up to ${sequence}, and the log, ${name}, ends with ${head}: '--log' is that of another index`,
  );
}

/**
 * Returns the number of the oldest set of the log in segments beside the pointer. Undefined if there is none.
 *
 * @throws Error if the log lacks a set that this version needs, because somebody has deleted it
 */
async function firstBeside(
  store: Store,
  pointerKey: string,
  version: string,
  sequence: number,
): Promise<number | undefined> {
  const names = new SegmentNames(logPrefix(pointerKey));
  const { first } = await new KeptNumbers(store, names, Date.now).read();
  const there = new Set<number>();
  let head = first - 1;
  for (const key of await store.list(names.prefix)) {
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
  return head > 0 ? first : undefined;
}
