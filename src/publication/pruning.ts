import { isObject } from "../checks/is-object.ts";
import { jsonBytes, jsonIn } from "./json-bytes.ts";
import { folderOf, type Part, partKey, versionKey } from "./pointer.ts";

/*
 * Values that nothing names are deleted in two steps, because a publication that is under way relies on values that nothing
 * names yet: midx prune marks them first, and deletes them once they have been marked for a while. Before a publication relies
 * on values it removes their marks, with a conditional write. So a value is gone before a publication looks for it, or it stays
 * at least for the time that marks must have stood.
 *
 *   words/pruning.json   the marks, and what is being deleted
 */

/** The marks beside a pointer. Keys are relative to its folder. */
export interface PruningMarks {
  /** The time at which each value was found unnamed, in ISO 8601. */
  readonly marked: Readonly<Record<string, string>>;
  /** The values that a prune has begun to delete. Nobody may rely on them any more. */
  readonly deleting: readonly string[];
  /** The time at which that prune last reported that it goes on, in ISO 8601; "" if none does. */
  readonly deletingSince: string;
}

const FILE = "pruning.json";
const FORMAT_VERSION = 1;

export const marksKey = (pointerKey: string): string => folderOf(pointerKey) + FILE;

export const serialiseMarks = (marks: PruningMarks): Uint8Array<ArrayBuffer> =>
  jsonBytes({ formatVersion: FORMAT_VERSION, ...marks });

/** Reads marks. Error for a text that this version of midx would not write; `place` names it. */
export function parseMarks(bytes: Uint8Array, place: string): PruningMarks {
  const value = jsonIn(bytes);
  const { formatVersion, ...marks } = isObject(value) ? value : {};
  const { marked, deleting, deletingSince } = marks;
  const isWhole = isObject(marked) && Array.isArray(deleting) && typeof deletingSince === "string";
  if (formatVersion === FORMAT_VERSION && isWhole) return marks as unknown as PruningMarks;
  throw new Error(`${place} is not what midx prune of this version writes: update midx, or move it away`);
}

/**
 * Returns the marks without those of a version and its parts, undefined if it has none. Error if a prune has begun to delete
 * some of it; `placeOf` names a key.
 */
export function unmarked(
  marks: PruningMarks,
  version: string,
  parts: readonly Part[],
  placeOf: (key: string) => string,
): PruningMarks | undefined {
  const own = new Set([versionKey("", version), ...parts.map((part) => partKey("", part))]);
  const lost = marks.deleting.find((key) => own.has(key));
  if (lost !== undefined) {
    throw new Error(`${placeOf(lost)} is being deleted: run midx prune to its end, and then this again`);
  }
  const marked = Object.entries(marks.marked);
  const left = marked.filter(([key]) => !own.has(key));
  return left.length < marked.length ? { ...marks, marked: Object.fromEntries(left) } : undefined;
}
