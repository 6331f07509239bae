import { fitting, inGroups } from "./in-groups.ts";
import type { KeptNumbers } from "./kept-numbers.ts";
import { encodeSegment, SEGMENT_SETS, type SegmentSet, storedSegment } from "./segment.ts";
import { lastBeside, type SegmentNames } from "./segment-names.ts";
import type { SegmentStore } from "./segment-store.ts";

/** Larger segments are not rolled up: a reader would gain little, and an isolate might not hold them. */
const MAX_SEGMENT_BYTES = 4_194_304;
/** The most sets that are removed before that is noted, so that a process which is killed has little to do again. */
const MOST_REMOVED = 1000;

/**
 * Copies SEGMENT_SETS sets from `first` on into one segment, if they are all there and not large. The sets stay, so that readers
 * find one or the other, and two processes that do this at once write the same bytes.
 */
export async function rollUp(store: SegmentStore, names: SegmentNames, first: number): Promise<void> {
  if (first < 1 || (await store.has(names.segment(first)))) return;
  const sets: SegmentSet[] = [];
  for (let bytes = 0; sets.length < SEGMENT_SETS; ) {
    const count = Math.min(fitting(MAX_SEGMENT_BYTES - bytes, sets.length, bytes), SEGMENT_SETS - sets.length);
    const numbers = Array.from({ length: count }, (_, i) => first + sets.length + i);
    for (const stored of await Promise.all(numbers.map((each) => storedSegment(store, names.set(each), each)))) {
      if (!stored) return;
      sets.push(...stored);
      bytes += stored.reduce((sum, { bytes: { byteLength } }) => sum + byteLength, 0);
    }
    if (bytes > MAX_SEGMENT_BYTES) return;
  }
  const segment = encodeSegment(first, sets);
  if (segment.byteLength <= MAX_SEGMENT_BYTES) await store.put(names.segment(first), segment, "absent");
}

/**
 * Removes the sets behind a number up to another one with the claims of their keys, and notes that: all of them, or the first
 * MOST_REMOVED.
 */
export async function removeTrimmed(
  store: SegmentStore,
  names: SegmentNames,
  kept: KeptNumbers,
  { behind, upTo, removesAll }: { readonly behind: number; readonly upTo: number; readonly removesAll: boolean },
): Promise<void> {
  for (let removed = behind; removed < upTo; ) {
    const count = Math.min(upTo - removed, MOST_REMOVED);
    const sequences = Array.from({ length: count }, (_, i) => removed + 1 + i);
    await inGroups(sequences, (sequence) => removeSet(store, names, sequence));
    removed += count;
    await kept.noteRemoved(removed);
    if (!removesAll) return;
  }
}

/** Removes a set last, so that its claim is still found by it if the process is killed before. */
async function removeSet(store: SegmentStore, names: SegmentNames, sequence: number): Promise<void> {
  const key = names.set(sequence);
  const claim = (await storedSegment(store, key, sequence))?.[0]?.facts.claim;
  if (claim !== undefined) await store.remove(names.claim(claim));
  if (sequence === lastBeside(sequence)) await store.remove(names.segment(sequence - SEGMENT_SETS + 1));
  await store.remove(key);
}
