import { sha256 } from "../../bytes/sha256.ts";
import type { Appended, AppendOptions, ChangeLog, KeyedCall, LogPage, NumberedSet } from "../change-log.ts";
import { LOG_PAGE_BYTES, OtherLogError } from "../change-log.ts";
import { KeptNumbers } from "./kept-numbers.ts";
import { type Claim, claimKey, isOfCall } from "./key-claims.ts";
import { decodeSegment, encodeSegment, SEGMENT_SETS, type SegmentSet } from "./segment.ts";
import { SegmentMetadata } from "./segment-metadata.ts";
import { firstBeside, lastBeside, SegmentNames } from "./segment-names.ts";
import type { SegmentStore } from "./segment-store.ts";
import { removeTrimmed, rollUp } from "./upkeep.ts";

/** Options of a log in segments. */
export interface SegmentLogOptions {
  /** Keeps work alive that no answer needs. Default: the call that begins it waits for it. */
  readonly keepAlive?: (work: Promise<unknown>) => void;
  /** Milliseconds since 1970. Default: the clock of this machine. */
  readonly now?: () => number;
}

/** The number of sets that a reader that is behind reads at once. Workers open six connections at once. */
const READ_AHEAD = 6;
/** An append that took longer than this may have been suspended for a day, in milliseconds. */
const SUSPENDED_MS = 3_600_000;
/** The number of times that a store may refuse a number that it does not have. */
const MOST_TRIES = 20;

/**
 * A log of changes in a folder or bucket, without a process that orders writes. Each set is a value of its own, named by its
 * number, and the write that creates the value of the next number appends. A writer that comes second takes the number after
 * it. Values are written once, so that a process which is killed at any moment leaves a log without gaps. A reader of the
 * newest sets reads the next number until there is none. A reader that is far behind reads rolled-up segments, which are
 * copies.
 */
export class SegmentLog implements ChangeLog {
  readonly #store: SegmentStore;
  readonly #names: SegmentNames;
  readonly #kept: KeptNumbers;
  readonly #now: () => number;
  readonly #keepAlive: SegmentLogOptions["keepAlive"];
  readonly #metadata: SegmentMetadata;
  /** The largest number that is known to be taken. */
  #known: number | undefined;

  /** @param prefix the beginning of the keys of the log, such as "words/log/" */
  constructor(store: SegmentStore, prefix: string, { keepAlive, now = Date.now }: SegmentLogOptions = {}) {
    this.#store = store;
    this.#names = new SegmentNames(prefix);
    this.#now = now;
    this.#kept = new KeptNumbers(store, this.#names, now);
    this.#keepAlive = keepAlive;
    this.#metadata = new SegmentMetadata(store, this.#names, this.#kept, {
      after: (sequence, maxBytes) => this.#setsAfter(sequence, maxBytes),
      at: async (sequence) => (await this.#setAt(sequence))?.bytes,
    });
  }

  /** Callers take it from the log and call it alone. */
  readonly metadata = (labels: readonly string[]) => this.#metadata.of(labels);

  async append(set: Uint8Array, { key, writer = "", digest: asked, after = 0 }: AppendOptions = {}): Promise<Appended> {
    const start = this.#now();
    const { removed, first } = await this.#kept.read();
    const digest = await sha256(set);
    // Numbers below the first one may be free again: a trim removes sets before it notes that.
    const from = Math.max(this.#known ?? (await this.#head()), first - 1) + 1;
    if (after >= from && after > (await this.#head())) throw new OtherLogError(after, from - 1);
    const call = key === undefined ? undefined : { key, writer, digest: asked ?? digest };
    const claim = call && (await claimKey(this.#store, this.#names, start, call, from));
    const facts = { id: crypto.randomUUID(), digest, ...(claim && { claim: claim.name }) };
    const appended = await this.#take(Math.max(claim?.from ?? from, removed + 1), { facts, bytes: set }, claim);
    const { sequence } = appended;
    if (!appended.isReplay && this.#now() - start > SUSPENDED_MS) await this.#checkKept(sequence);
    if (sequence === lastBeside(sequence) && !appended.isReplay) await this.#rollUp(sequence);
    return appended;
  }

  async find(call: KeyedCall): Promise<number | undefined> {
    const { removed } = await this.#kept.read();
    const claim = await claimKey(this.#store, this.#names, this.#now(), call);
    for (let number = Math.max(claim?.from ?? 0, removed + 1); claim; number++) {
      const set = await this.#setAt(number);
      if (!set) break;
      if (await this.#isOfCall(set, claim)) return number;
    }
    return undefined;
  }

  async read(after: number, maxBytes = LOG_PAGE_BYTES): Promise<LogPage> {
    const { first } = await this.#kept.read();
    if (after + 1 < first) return { sets: [], head: await this.#head(), first };
    const { sets, isEnd } = await this.#setsAfter(after, maxBytes);
    const last = after + sets.length;
    if (sets.length > 0) this.#learn(last);
    const head = isEnd && last === this.#known ? last : await this.#head();
    if (isEnd && last < head && !(await this.#store.has(this.#names.set(last + 1)))) {
      throw new Error(`${this.#store.name} has set ${head} of the log, and "${this.#names.set(last + 1)}" is missing`);
    }
    return { sets, head, first };
  }

  async trim(upTo: number): Promise<void> {
    const last = Math.min(upTo, await this.#head());
    // First, so that sets stay for a day after their metadata were filed, and every reader knows it by then.
    const filed = await this.#metadata.file(last);
    const kept = await this.#kept.keepFrom(last + 1);
    const removable = Math.min(this.#kept.removable(kept), filed);
    const removed = await removeTrimmed(this.#store, this.#names, kept.removed, removable);
    if (removed > kept.removed) await this.#kept.noteRemoved(removed);
  }

  /** Takes the first number from `sequence` on that is free, unless a call with the same key has taken one before. */
  async #take(sequence: number, set: SegmentSet, claim: Claim | undefined): Promise<Appended> {
    let number = sequence;
    for (let tried = 0; tried < MOST_TRIES; ) {
      const isOld = claim !== undefined && !claim.isNew;
      const there = isOld ? await this.#setAt(number) : undefined;
      if (!there && (await this.#store.put(this.#names.set(number), encodeSegment(number, [set]), "absent"))) {
        this.#learn(number);
        return { sequence: number, isReplay: false };
      }
      // A store may have made the write and lost the answer, so that the repeated write found the set there.
      const found = there ?? (await this.#setAt(number));
      if (found) this.#learn(number);
      if (found?.facts.id === set.facts.id) return { sequence: number, isReplay: false };
      if (found && claim && (await this.#isOfCall(found, claim))) return { sequence: number, isReplay: true };
      // A call with a key looks at every number. One whose write is under way elsewhere is tried again, for no number stays free.
      if (!claim) number = (await this.#head()) + 1;
      else if (found) number++;
      if (!found) tried++;
    }
    throw new Error(`${this.#store.name} neither has "${this.#names.set(number)}" nor takes it: try again later`);
  }

  #isOfCall({ facts }: SegmentSet, claim: Claim): Promise<boolean> {
    return isOfCall(this.#store, this.#names, facts, claim);
  }

  /** Refuses a number that was assigned twice, because this process slept while the first set was trimmed and removed. */
  async #checkKept(sequence: number): Promise<void> {
    const { first } = await this.#kept.read();
    if (sequence >= first) return;
    await this.#store.remove(this.#names.set(sequence));
    throw new Error(`${this.#store.name}: the process was suspended while it appended a set: try again`);
  }

  /** Reads sets behind `after` until there is none or `maxBytes` are read. */
  async #setsAfter(after: number, maxBytes: number): Promise<{ sets: NumberedSet[]; isEnd: boolean }> {
    const sets: NumberedSet[] = [];
    let room = maxBytes;
    let ahead = 1;
    let unrolled = 0;
    for (;;) {
      const next = after + sets.length + 1;
      const isFarBehind = ahead > 1 || lastBeside(next) <= (this.#known ?? 0);
      const rolled = isFarBehind && next > unrolled ? await this.#rolledFrom(next) : undefined;
      if (isFarBehind && !rolled) unrolled = lastBeside(next);
      const found = rolled ?? (await Promise.all(Array.from({ length: ahead }, (_, i) => this.#setAt(next + i))));
      for (const set of found) {
        if (!set) return { sets, isEnd: true };
        const { bytes } = set;
        if (sets.length > 0 && bytes.byteLength > room) return { sets, isEnd: false };
        room -= bytes.byteLength;
        sets.push({ sequence: after + sets.length + 1, bytes });
      }
      ahead = READ_AHEAD;
    }
  }

  async #setAt(sequence: number): Promise<SegmentSet | undefined> {
    const key = this.#names.set(sequence);
    const stored = await this.#store.get(key);
    return stored && decodeSegment(`${this.#store.name}: ${key}`, sequence, stored.bytes)[0];
  }

  /** Returns the sets from a number on in its rolled-up segment, if there is one. */
  async #rolledFrom(sequence: number): Promise<readonly SegmentSet[] | undefined> {
    const first = firstBeside(sequence);
    const key = this.#names.segment(first);
    const stored = await this.#store.get(key);
    return stored && decodeSegment(`${this.#store.name}: ${key}`, first, stored.bytes).slice(sequence - first);
  }

  /**
   * Finds the largest number that is taken, in a few more looks than the logarithm of the number of sets since the last time.
   */
  async #head(): Promise<number> {
    const { first } = await this.#kept.read();
    const isTaken = (sequence: number): Promise<boolean> => this.#store.has(this.#names.set(sequence));
    let taken = Math.max(this.#known ?? 0, first - 1);
    let step = 1;
    while (await isTaken(taken + step)) {
      taken += step;
      step *= 2;
    }
    for (step /= 2; step >= 1; step /= 2) if (await isTaken(taken + step)) taken += step;
    this.#learn(taken);
    return taken;
  }

  #learn(taken: number): void {
    this.#known = Math.max(this.#known ?? 0, taken);
  }

  /** Rolls up the segment that a set has completed, and the one before it, whose writer may have been killed. */
  async #rollUp(last: number): Promise<void> {
    const rollUpBoth = async (): Promise<void> => {
      for (const each of [last, last - SEGMENT_SETS].map(firstBeside)) await rollUp(this.#store, this.#names, each);
    };
    const work = rollUpBoth().catch(() => {}); // the sets are there without it
    if (this.#keepAlive) this.#keepAlive(work);
    else await work;
  }
}
