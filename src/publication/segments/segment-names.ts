import { folderOf } from "../pointer.ts";
import { SEGMENT_SETS } from "./segment.ts";

/**
 * Returns the beginning of the keys of the log beside the pointer at `pointerKey`, such as "words/log/". All versions have one
 * log, so it is also that of words/versions/A.json.
 */
export const logPrefix = (pointerKey: string): string =>
  `${folderOf(pointerKey).replace(/(^|\/)versions\/$/, "$1")}log/`;

/** The keys of a log in segments, which all begin with a prefix such as "words/log/". */
export class SegmentNames {
  readonly prefix: string;

  constructor(prefix: string) {
    this.prefix = prefix;
  }

  /** The key of the range of kept numbers, the only value that ever changes. */
  get kept(): string {
    return `${this.prefix}kept.json`;
  }

  /** The key of the segment of one set. Whoever creates it has appended the set. */
  set(sequence: number): string {
    return `${this.prefix}${digitsOf(sequence)}.set`;
  }

  /** The key of the rolled-up segment that begins with a set. */
  segment(first: number): string {
    return `${this.prefix}${digitsOf(first)}-${digitsOf(lastBeside(first))}.sets`;
  }

  /** A key that comes in order before those of the segments that begin with a set, and behind those of all sets before it. */
  before(first: number): string {
    return this.prefix + digitsOf(first);
  }

  /** The number of the last set of a segment, by its key. NaN for other keys. */
  lastIn(key: string): number {
    return Number(/(\d+)\.sets?$/.exec(key.slice(this.prefix.length))?.[1]);
  }

  /** The key of the metadata of a class that are filed, by the hash of its label. */
  metadata(hash: string): string {
    return `${this.prefix}metadata/${hash}.json`;
  }

  /** The beginning of the keys of claims, whose names begin with their day. */
  get claims(): string {
    return `${this.prefix}keys/`;
  }

  /** The beginning of the keys of claims of a day. */
  claimsOf(day: number): string {
    return `${this.claims}${day}-`;
  }

  claim(name: string): string {
    return `${this.claims}${name}.json`;
  }

  /** The day of a claim, by its key. */
  dayOf(key: string): number {
    return Number.parseInt(key.slice(this.claims.length), 10);
  }
}

/** Numbers in keys have enough digits for a listing to be in their order. */
const digitsOf = (sequence: number): string => String(sequence).padStart(12, "0");

/** The first number of the rolled-up segment that has, or will have, a set. */
export const firstBeside = (sequence: number): number => SEGMENT_SETS * Math.floor((sequence - 1) / SEGMENT_SETS) + 1;

/** The last number of the rolled-up segment that has, or will have, a set. */
export const lastBeside = (sequence: number): number => firstBeside(sequence) + SEGMENT_SETS - 1;
