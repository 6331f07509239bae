import { folderOf, type Part } from "../pointer.ts";
import { marksKey, type PruningMarks, parseMarks, serialiseMarks, unmarked } from "../pruning.ts";
import { type PublicationStore, placeOf } from "./publication-store.ts";

/** The marks with the etag for a conditional write in their place. */
export interface ReadMarks {
  readonly marks: PruningMarks;
  readonly etag: string | undefined;
}

/** The most bytes of the marks: enough for 100,000 of them. */
const MAX_MARKS_BYTES = 16_777_216;
const NONE: PruningMarks = { marked: {}, deleting: [], deletingSince: "" };

/** Reads the marks beside a pointer. Throws an Error if something else is there. */
export async function readMarks(store: PublicationStore, pointerKey: string): Promise<ReadMarks> {
  const key = marksKey(pointerKey);
  const found = await store.get(key, MAX_MARKS_BYTES);
  if (!found) return { marks: NONE, etag: undefined };
  return { marks: parseMarks(found.bytes, placeOf(store, key)), etag: found.etag };
}

/**
 * Writes the marks. Returns false if they have changed since they were read. If the answer to a write is lost, the next try finds what
 * it wrote.
 */
export async function writeMarks(
  store: PublicationStore,
  pointerKey: string,
  marks: PruningMarks,
  { etag }: ReadMarks,
): Promise<boolean> {
  const [key, bytes] = [marksKey(pointerKey), serialiseMarks(marks)];
  if (await store.put(key, bytes, etag === undefined ? "absent" : { etag })) return true;
  const found = await store.get(key, MAX_MARKS_BYTES);
  return found !== undefined && isSame(found.bytes, bytes);
}

const isSame = (a: Uint8Array, b: Uint8Array): boolean =>
  a.byteLength === b.byteLength && a.every((byte, i) => byte === b[i]);

/**
 * Removes the marks of a version and its parts, before a publication or a rollback relies on them.
 *
 * @throws Error if a prune has begun to delete some of it
 */
export async function claim(
  store: PublicationStore,
  pointerKey: string,
  version: string,
  parts: readonly Part[],
): Promise<void> {
  await changeMarks(store, pointerKey, (marks) =>
    unmarked(marks, version, parts, (key) => placeOf(store, folderOf(pointerKey) + key)),
  );
}

/** The number of times that marks are written while others change them, and the pause between two tries in ms. */
const MOST_TRIES = 50;
const PAUSE_MS = 20;

/** Changes the marks as they are now, whoever else changes them. `change` returns undefined to leave them. */
export async function changeMarks(
  store: PublicationStore,
  pointerKey: string,
  change: (marks: PruningMarks) => PruningMarks | undefined,
): Promise<void> {
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const read = await readMarks(store, pointerKey);
    const changed = change(read.marks);
    if (!changed || (await writeMarks(store, pointerKey, changed, read))) return;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  throw new Error(`${placeOf(store, marksKey(pointerKey))} refused ${MOST_TRIES} writes: run the command again`);
}
