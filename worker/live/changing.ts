import type { Context } from "hono";
import type { ChangeSet, SetToLog } from "../../src/changes/index.ts";
import type { LoadOptions } from "../../src/public.ts";
import type { NumberedSet } from "../../src/publication/change-log.ts";
import type { Fullest } from "../host/drift-watch.ts";
import type { ServedIndex } from "../host/served-index.ts";
import type { Publication } from "../publication/publication.ts";

/** The share of the room for changes that is kept for writers who do not know of each other, and its least number of rows. */
const SPARE = 1 / 4;
const LEAST_SPARE = 1_000;

/** Returns the number of rows to reserve memory for if writers may fill `maxDelta`. */
export const roomFor = (maxDelta: number): number => maxDelta + Math.max(LEAST_SPARE, Math.ceil(SPARE * maxDelta));

/** The state in which an answer of several steps is made. */
export interface AnswerAt {
  readonly c: Context;
  /** Tells whether changes have come since. */
  readonly isCurrent: () => boolean;
  /** The number of times that this answer was begun before. */
  readonly tries: number;
  /** Brings the index up to a change. Returns whether it has that change then. */
  readonly reach: (sequence: number) => Promise<boolean>;
}

/** What changes hold in the part of a number: rows, and labels that its file does not have, removed ones included. */
export interface ChangesOfPart {
  readonly part: number;
  readonly rowCount: number;
  readonly addedCount: number;
}

/** An index, or parts, loaded with room for changes. */
export interface Changing {
  readonly index: ServedIndex;
  /** The most rows that writers may fill: of the index, or of each of its parts. There is memory for more (`roomFor`). */
  readonly maxDelta: number;
  /** The rows that there is memory for, where another load can have more. */
  readonly room?: number;
  /** The number of the last change that the files have, as they state it. */
  readonly sequence: number;
  /** What changes hold now in each part. Undefined for one index. */
  readonly changesByPart?: () => readonly ChangesOfPart[];
  /**
   * Makes an answer that takes several steps. It resolves to undefined if changes came between them, so that it has to be made
   * again. Undefined if a call answers before anything else can happen.
   */
  readonly inSteps?: <Answer>(
    at: AnswerAt,
    answer: (index: ServedIndex) => Promise<Answer>,
  ) => Promise<Answer | undefined>;
  /** Applies the sets of a page of the log behind number `from`, and calls `applied` as applySets does. */
  readonly take: (
    sets: readonly NumberedSet[],
    from: number,
    applied: (sequence: number) => void,
  ) => void | Promise<void>;
  /** Tells whether `take` failed for a reason that lasts, so that only another version helps. Default: no reason does. */
  readonly isStranding?: (reason: unknown) => boolean;
  /** Checks changes as checkChanges does. */
  readonly check: (set: ChangeSet, maxDelta: number) => void | Promise<void>;
  /** Returns a function that tells whether the classes of some labels are there. Default: `index` knows. */
  readonly presence?: (labels: readonly string[]) => Promise<(label: string) => boolean>;
}

/** Returns the room for changes of an index, or of its fullest part. A 507 counts rows, and new labels. */
export function fullestOf({ index, maxDelta, changesByPart }: Changing): Fullest {
  const { rowCount = 0, addedCount = 0 } = index.info.changes ?? {};
  const counts = changesByPart?.() ?? [{ rowCount, addedCount }];
  return { rowCount: Math.max(...counts.flatMap((each) => [each.rowCount, each.addedCount])), maxDelta };
}

/**
 * Returns the rows for which all readers have memory beside those of changes so far and of a set. Removals need none, so any
 * number of others may come before them.
 */
export const roomBeside = (changing: Changing, { upserts }: SetToLog): number =>
  upserts
    ? Math.max(0, roomFor(changing.maxDelta) - fullestOf(changing).rowCount - upserts.labels.length)
    : Number.POSITIVE_INFINITY;

/**
 * Loads a publication with room for changes: `maxDelta` rows, or by default a number that suits the size of rows. If the log needs
 * more, there is memory for `least` rows all the same.
 */
export type OpenChanging<Source> = (
  source: Source,
  options: LoadOptions,
  publication: Publication<Source> | undefined,
  maxDelta: number | undefined,
  least?: number,
) => Promise<Changing>;
