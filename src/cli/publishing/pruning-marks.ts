import { type Part, partKey, versionKey } from "../../publication/pointer.ts";
import { placeOf, type Store } from "./store.ts";

/*
 * What nothing names is deleted in two steps, because a publication that is under way relies on values that nothing names yet:
 * midx prune marks them first, and deletes them when they have been marked for a while. Before a publication relies on values
 * it takes their marks away, with a conditional write. So a value is gone before a publication looks for it, or it stays for
 * as long as a mark takes to come of age.
 *
 *   words/pruning.json   the marks, and what is being deleted
 */

/** The marks beside a pointer. Keys are relative to its folder. */
export interface PruningMarks {
  /** When each value was found without a name, in ISO 8601. */
  readonly marked: Readonly<Record<string, string>>;
  /** What a prune has begun to delete. Nobody may rely on it any more. */
  readonly deleting: readonly string[];
  /** When that prune last said that it goes on, in ISO 8601; "" if none does. */
  readonly deletingSince: string;
}

/** The marks with the etag for a conditional write in their place. */
export interface ReadMarks {
  readonly marks: PruningMarks;
  readonly etag: string | undefined;
}

const FILE = "pruning.json";
const FORMAT_VERSION = 1;
/** The most bytes of the marks: enough for 100,000 of them. */
const MAX_MARKS_BYTES = 16_777_216;
const NONE: PruningMarks = { marked: {}, deleting: [], deletingSince: "" };

export const folderOf = (pointerKey: string): string => pointerKey.slice(0, pointerKey.lastIndexOf("/") + 1);

export const marksKey = (pointerKey: string): string => folderOf(pointerKey) + FILE;

/** Reads the marks beside a pointer. Throws an Error if something else is there. */
export async function readMarks(store: Store, pointerKey: string): Promise<ReadMarks> {
  const key = marksKey(pointerKey);
  const found = await store.get(key, MAX_MARKS_BYTES);
  if (!found) return { marks: NONE, etag: undefined };
  const { formatVersion, ...marks } = parsed(found.bytes);
  const { marked, deleting, deletingSince } = marks;
  const isWhole = isRecord(marked) && Array.isArray(deleting) && typeof deletingSince === "string";
  if (formatVersion === FORMAT_VERSION && isWhole) return { marks: marks as unknown as PruningMarks, etag: found.etag };
  throw new Error(`${placeOf(store, key)} is not what midx prune of this version writes: update midx, or move it away`);
}

/** Writes the marks. Returns false if they have changed since they were read. */
export function writeMarks(
  store: Store,
  pointerKey: string,
  marks: PruningMarks,
  { etag }: ReadMarks,
): Promise<boolean> {
  const text = `${JSON.stringify({ formatVersion: FORMAT_VERSION, ...marks })}\n`;
  return store.put(marksKey(pointerKey), new TextEncoder().encode(text), etag === undefined ? "absent" : { etag });
}

/**
 * Takes the marks of a version and its parts away, before a publication or a rollback relies on what is there.
 *
 * @throws Error if a prune has begun to delete some of it
 */
export async function claim(store: Store, pointerKey: string, version: string, parts: readonly Part[]): Promise<void> {
  const own = new Set([versionKey("", version), ...parts.map((part) => partKey("", part))]);
  await changeMarks(store, pointerKey, (marks) => {
    const lost = marks.deleting.find((key) => own.has(key));
    if (lost !== undefined) {
      const place = placeOf(store, folderOf(pointerKey) + lost);
      throw new Error(`${place} is being deleted: run midx prune to its end, and then this again`);
    }
    const marked = Object.entries(marks.marked);
    const left = marked.filter(([key]) => !own.has(key));
    return left.length < marked.length ? { ...marks, marked: Object.fromEntries(left) } : undefined;
  });
}

/** Changes the marks as they are now, whoever else changes them. `change` returns undefined to leave them. */
export async function changeMarks(
  store: Store,
  pointerKey: string,
  change: (marks: PruningMarks) => PruningMarks | undefined,
): Promise<void> {
  for (;;) {
    const read = await readMarks(store, pointerKey);
    const changed = change(read.marks);
    if (!changed || (await writeMarks(store, pointerKey, changed, read))) return;
  }
}

function parsed(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return isRecord(value) ? value : {};
  } catch {
    return {};
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
