import type { ChangedLogits } from "./changed-logits.ts";
import type { Filtered } from "./delta.ts";

/** The classes that a filter of columns leaves out. Those that changes have added have no values in columns. */
export interface FilteredOut extends Filtered {
  /** A bit for each position of the file, lowest first, set where the class is filtered out; 0 behind the last. */
  readonly bits: Int32Array;
  /** The number of classes of the file that are not filtered out. */
  readonly passing: number;
}

/** The checked temperature and filters of a call. Ids are in arrays of their own, and duplicates are harmless. */
export interface CallConditions {
  readonly temperature: number;
  readonly exclude: Int32Array;
  /** The classes that are not filtered out: ids, or a bit for each class, lowest first. Undefined means all. */
  readonly allow: Int32Array | Uint8Array | undefined;
  /** The classes that the values in their columns leave out, whatever `allow` says. */
  readonly filtered?: FilteredOut | undefined;
  /** Classes with another logit in this call. `exclude` has them too, as they are scored apart. */
  readonly changed?: ChangedLogits;
}

const NONE = new Int32Array(0);
export const UNCONDITIONAL: CallConditions = { temperature: 1, exclude: NONE, allow: undefined };

/** Tells whether a call filters at all. */
export const leavesOut = ({ exclude, allow, filtered }: CallConditions): boolean =>
  allow !== undefined || filtered !== undefined || exclude.length > 0;

/** Tells whether two calls leave the same classes out. */
export const haveSameFilter = (a: CallConditions, b: CallConditions): boolean =>
  a.filtered === b.filtered && equal(a.exclude, b.exclude) && equal(a.allow, b.allow);

function equal(a: Int32Array | Uint8Array | undefined, b: Int32Array | Uint8Array | undefined): boolean {
  if (a === b) return true;
  if (!a || !b || a.constructor !== b.constructor || a.length !== b.length) return false;
  const [words, others] = [wordsOf(a), wordsOf(b)];
  for (let i = 0; i < words.length; i++) if (words[i] !== others[i]) return false; // every() takes five times as long
  for (let i = words.length * (4 / a.BYTES_PER_ELEMENT); i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Returns the whole words of 32 bits of an array: byte by byte, equal bitmaps of 1,000,000 classes take 1 ms to compare. */
const wordsOf = ({ buffer, byteOffset, byteLength }: Int32Array | Uint8Array): Int32Array =>
  new Int32Array(buffer, byteOffset, byteLength >> 2);
