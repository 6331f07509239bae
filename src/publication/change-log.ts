/*
 * The log of all changes of an index, which outlives its versions. Sets have numbers from 1 on, without gaps. A version with
 * `sequence` S in its pointer contains the sets up to S, and whoever serves it applies those after S.
 */

/** A set of the log, in the form of encodeLoggedSet. */
export interface NumberedSet {
  /** Its number. */
  readonly sequence: number;
  /** The set. */
  readonly bytes: Uint8Array;
}

/** Some sets of a log, in their order. */
export interface LogPage {
  /** The sets. */
  readonly sets: readonly NumberedSet[];
  /** The number of the last set that was ever appended, 0 before the first. */
  readonly head: number;
  /**
   * The number of the oldest set that is kept, `head` + 1 if none is. A reader that is at S and finds S + 1 < `first` has
   * missed some sets and can't go on.
   */
  readonly first: number;
}

/** The sets before its own that a writer knows, and the room that others may take meanwhile. */
export interface SeenSets {
  /** The number of the last change that the caller has. A log that ends before it takes nothing. Default: 0. */
  readonly after: number;
  /**
   * The most labels that the sets behind `after` may add or replace, since the caller has checked its set without them. A log takes
   * nothing where they may be more. Default: any number.
   */
  readonly room: number;
}

/** The writer of a set, and the key that makes a repeated call the same one. */
export interface AppendOptions extends Partial<SeenSets> {
  /** The caller's name of this call. The same key of the same writer within 24 hours is the same call. */
  readonly key?: string;
  /** The writer whose key it is. */
  readonly writer?: string;
  /**
   * A digest that tells calls with one key apart, such as a hash of the request if the set depends on the index, too. Default:
   * the SHA-256 of the set.
   */
  readonly digest?: string;
}

/** A call with a key, whose set may be in the log. */
export type KeyedCall = Required<Pick<AppendOptions, "key" | "writer" | "digest">>;

/** The place of a set in the log. */
export interface Appended {
  /** Its number. */
  readonly sequence: number;
  /** True if the set was in the log already, from a call with the same key. */
  readonly isReplay: boolean;
}

/** A log of changes, wherever it is kept. */
export interface ChangeLog {
  /**
   * Appends a set, which is kept once this resolves.
   *
   * @param set the set
   * @param options its key, and whose it is
   * @returns the number of the set
   * @throws KeyConflictError for a key that came with other bytes, OtherLogError if the log ends before `after`, and
   *   UnseenSetsError if sets behind it may take more than `room`
   *
   * @example
   * const { sequence } = await changeLog.append(bytes, { key: "import-7", writer: "importer" });
   */
  append(set: Uint8Array, options?: AppendOptions): Promise<Appended>;
  /**
   * Looks for the set of an earlier call with a key, and appends nothing. Absent if the log does not know keys by themselves: a
   * repeated call then has to be one that could be appended.
   *
   * @param call the key, its writer, and the digest with which `append` compares
   * @returns the number of the set, or undefined if there is none
   * @throws KeyConflictError for a key that came with another digest
   *
   * @example
   * const sequence = await changeLog.find?.({ key: "import-7", writer: "importer", digest: "hash of the call" });
   */
  find?(call: KeyedCall): Promise<number | undefined>;
  /**
   * Reads sets behind a number.
   *
   * @param after the number
   * @param maxBytes the most bytes of sets. Default: 1 MiB
   * @returns at least one set if there is one, and no more than `maxBytes` of them otherwise
   *
   * @example
   * const { sets, head } = await changeLog.read(41);
   */
  read(after: number, maxBytes?: number): Promise<LogPage>;
  /**
   * Forgets the sets up to a number. Numbers go on as before.
   *
   * @param upTo the number
   * @returns a promise that resolves once they are forgotten
   *
   * @example
   * await changeLog.trim(41);
   */
  trim(upTo: number): Promise<void>;
  /**
   * Returns the metadata that each class was given last, null for none. They are kept until the class is removed, whatever is
   * trimmed. Absent if the log does not keep them.
   */
  readonly metadata?: (labels: readonly string[]) => Promise<readonly (Readonly<Record<string, unknown>> | null)[]>;
}

/** Milliseconds for which a key names the call that it came with. */
export const KEY_LIFE_MS = 24 * 60 * 60 * 1000;

/** The most labels that a set of a service adds or replaces. */
export const MOST_IN_SET = 1000;

/** The most bytes of sets that are read at once, unless a single one is larger. */
export const LOG_PAGE_BYTES = 2 ** 20;

/** The error for a log that ends before the changes that its caller has: a set would get a number that another one had. */
export class OtherLogError extends Error {
  override readonly name = "OtherLogError";

  constructor(after: number, head: number) {
    super(
      `the index has the changes up to ${after}, and the log ends with ${head}: it is the log of another index, or has lost ` +
        `some: build a new index of the whole table, and publish it with midx publish --sequence ${head}`,
    );
  }
}

/** The error for a set behind so many others, unknown to its writer, that there may be no room for it. */
export class UnseenSetsError extends Error {
  override readonly name = "UnseenSetsError";

  constructor() {
    super("too many changes came before: try again");
  }
}

/** The error for a log whose set somebody has deleted, although readers may ask for it. */
export class LostSetError extends Error {
  override readonly name = "LostSetError";

  constructor(place: string, head: number) {
    super(
      `${place} is missing, and the log has sets up to ${head}: put it back, or build a new index of the whole table, and publish ` +
        `it with midx publish --sequence ${head}. Let no rule of the store delete objects of a log`,
    );
  }
}

/** The error for a key of a writer that came with other changes within 24 hours. */
export class KeyConflictError extends Error {
  override readonly name = "KeyConflictError";
  readonly code = "idempotency_conflict";

  constructor(key: string) {
    super(`the key ${JSON.stringify(key.slice(0, 64))} came with other changes before: send another key with these`);
  }
}
