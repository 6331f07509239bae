import type { LoggedMetadata } from "../../changes/logged-header.ts";
import { LOG_PAGE_BYTES, type NumberedSet } from "../change-log.ts";
import { metadataChanges } from "../metadata-changes.ts";
import { FiledMetadata, type LastMetadata } from "./filed-metadata.ts";
import { fitting, inGroups } from "./in-groups.ts";
import type { KeptNumbers } from "./kept-numbers.ts";
import { LastSets } from "./last-sets.ts";
import { ReadMetadata } from "./read-metadata.ts";
import type { SegmentNames } from "./segment-names.ts";
import type { SegmentStore } from "./segment-store.ts";

/** The most classes whose metadata a trim of a Worker files: each takes two requests, and a run has a limit of them. */
const MOST_FILED = 2000;
/** Memory for the last sets of classes: some 30,000 with labels of 20 characters. */
const LAST_SETS_BYTES = 2 ** 22;
/** Memory for metadata that were read in sets. */
const READ_BYTES = 2 ** 21;
/** The most bytes of sets that are read at once for the metadata of classes, unless a single one is larger. */
const SETS_BYTES = 2 ** 24;

/** The sets of a log in segments. */
interface LogSets {
  /** Reads sets behind a number, at most `maxBytes` of them and at least one. `isEnd`: there are no more. */
  readonly after: (sequence: number, maxBytes: number) => Promise<{ sets: readonly NumberedSet[]; isEnd: boolean }>;
  /** Reads one set. Undefined if it is gone. */
  readonly at: (sequence: number) => Promise<Uint8Array | undefined>;
}

/**
 * The last metadata of each class of a log in segments. They are in the sets that gave them, and each process knows the number
 * of the last such set of most classes: of all others that no trim has filed, it reads the sets. Before sets are removed, a trim
 * files their metadata elsewhere, by class.
 */
export class SegmentMetadata {
  readonly #sets: LogSets;
  readonly #kept: KeptNumbers;
  readonly #filed: FiledMetadata;
  /** The last sets that were not filed yet. */
  readonly #last: LastSets;
  readonly #read = new ReadMetadata(READ_BYTES);
  /** Sets up to this number are filed. */
  #done = 0;
  /** Sets up to this number have been read, or are filed. */
  #seen = 0;
  /** The metadata of some classes may be filed. */
  #hasFiled = false;
  /** The size of the largest set that was read. */
  #largest = 1;

  constructor(
    store: SegmentStore,
    names: SegmentNames,
    kept: KeptNumbers,
    sets: LogSets,
    lastSetsBytes: number = LAST_SETS_BYTES,
  ) {
    this.#last = new LastSets(lastSetsBytes);
    this.#sets = sets;
    this.#kept = kept;
    this.#filed = new FiledMetadata(store, names);
  }

  /** Returns the last metadata of classes, null for none. */
  async of(labels: readonly string[]): Promise<(LoggedMetadata | null)[]> {
    await this.#look();
    const found: Found = new Map();
    const bySet = new Map<number, string[]>();
    const others: string[] = [];
    for (const label of new Set(labels)) {
      const last = this.#last.of(label);
      const read = last === undefined || last < 0 ? null : this.#read.of(label, last);
      if (last === undefined) others.push(label);
      else if (read !== undefined) found.set(label, read);
      else bySet.set(last, [...(bySet.get(last) ?? []), label]);
    }
    const dropped = { behind: this.#done, upTo: this.#last.dropped };
    const trimmed = await this.#readSets(bySet, found);
    const left = await this.#seek(others, dropped, found);
    const filed = this.#hasFiled ? [...left, ...trimmed] : trimmed;
    await inGroups(filed, async (label) => void found.set(label, await this.#filed.read(label)));
    return labels.map((label) => found.get(label) ?? null);
  }

  /**
   * Files the metadata of the sets up to a number, so that they may be removed: of all sets, or of the first ones, which name
   * MOST_FILED classes or are a single one. Returns the numbers up to which they are filed now, and were before.
   */
  async file(upTo: number, filesAll: boolean): Promise<{ readonly filed: number; readonly before: number }> {
    let { removed, filed = 0, hasMetadata = false } = await this.#kept.load();
    filed = Math.max(filed, removed);
    const before = filed;
    for (let left = filesAll ? Number.POSITIVE_INFINITY : MOST_FILED; filed < upTo && left > 0; ) {
      const { sets } = await this.#sets.after(filed, LOG_PAGE_BYTES);
      const wanted = sets.filter(({ sequence }) => sequence <= upTo);
      hasMetadata ||= lastIn(wanted).given.size > 0;
      // Where no class was ever given any, removals have nothing to take back.
      const due = hasMetadata ? naming(wanted, left) : wanted;
      const { last, given } = lastIn(due);
      if (hasMetadata) {
        await inGroups([...last], ([label, change]) => this.#filed.file(label, change, given.has(label)));
        left = due.length < wanted.length ? 0 : left - last.size;
      }
      filed = due.at(-1)?.sequence ?? upTo; // nobody needs what is missing up to there: it may be trimmed
      await this.#kept.noteFiled(filed, hasMetadata);
    }
    return { filed, before };
  }

  /** Reads the metadata of classes in their sets. Returns those whose set was trimmed meanwhile, after it was filed. */
  async #readSets(bySet: ReadonlyMap<number, readonly string[]>, found: Found): Promise<string[]> {
    const trimmed: string[] = [];
    const read = async ([sequence, own]: readonly [number, readonly string[]]): Promise<void> => {
      const bytes = await this.#sets.at(sequence);
      const given = bytes && lastIn([{ sequence, bytes }]).last;
      if (!given) trimmed.push(...own);
      for (const label of given ? own : []) {
        const { metadata = null } = given?.get(label) ?? {};
        found.set(label, metadata);
        if (metadata) this.#read.keep(label, sequence, metadata);
      }
    };
    await inGroups([...bySet], read, fitting(SETS_BYTES, 1, this.#largest));
    return trimmed;
  }

  /** Reads the metadata of classes in whatever set of a range has them. Returns the classes that none of the sets names. */
  async #seek(
    labels: readonly string[],
    { behind, upTo }: Readonly<Record<"behind" | "upTo", number>>,
    found: Found,
  ): Promise<readonly string[]> {
    if (labels.length === 0) return labels;
    for (let after = behind, isEnd = false; after < upTo && !isEnd; ) {
      const page = await this.#sets.after(after, LOG_PAGE_BYTES);
      const { last } = lastIn(page.sets.filter(({ sequence }) => sequence <= upTo));
      for (const label of labels) {
        const change = last.get(label);
        if (change) found.set(label, change.metadata ?? null);
      }
      after = page.sets.at(-1)?.sequence ?? after;
      isEnd = page.isEnd;
    }
    return labels.filter((label) => !found.has(label));
  }

  /** Notes the changes of new sets. */
  async #look(): Promise<void> {
    const { removed, filed = 0, hasMetadata = false } = await this.#kept.read();
    this.#hasFiled ||= hasMetadata;
    const done = Math.max(filed, removed);
    if (done > this.#done) {
      this.#last.forget(done);
      this.#done = done;
      this.#seen = Math.max(this.#seen, done);
    }
    for (let after = this.#seen, isEnd = false; !isEnd; ) {
      const page = await this.#sets.after(after, LOG_PAGE_BYTES);
      for (const set of page.sets) {
        if (set.sequence <= this.#seen) continue; // another request has read further meanwhile
        for (const [label, { metadata }] of lastIn([set]).last) {
          this.#last.note(label, set.sequence, metadata !== undefined);
        }
        this.#seen = set.sequence;
        this.#largest = Math.max(this.#largest, set.bytes.byteLength);
      }
      after = page.sets.at(-1)?.sequence ?? after;
      isEnd = page.isEnd;
    }
  }
}

/** Metadata by label, null for none. */
type Found = Map<string, LoggedMetadata | null>;

/** Returns the first sets that name at most so many classes, and one at least. */
function naming(sets: readonly NumberedSet[], most: number): readonly NumberedSet[] {
  const labels = new Set<string>();
  const end = sets.findIndex(({ bytes }, i) => {
    for (const [label] of metadataChanges(bytes)) labels.add(label);
    return i > 0 && labels.size > most;
  });
  return end < 0 ? sets : sets.slice(0, end);
}

/** Returns the last metadata of each class in some sets, and the classes that any of the sets has given some. */
function lastIn(sets: readonly NumberedSet[]): {
  readonly last: ReadonlyMap<string, LastMetadata>;
  readonly given: ReadonlySet<string>;
} {
  const last = new Map<string, LastMetadata>();
  const given = new Set<string>();
  for (const { sequence, bytes } of sets) {
    for (const [label, metadata] of metadataChanges(bytes)) {
      last.set(label, { sequence, ...(metadata && { metadata }) });
      if (metadata) given.add(label);
    }
  }
  return { last, given };
}
