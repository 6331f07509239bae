import { sha256 } from "../../bytes/sha256.ts";
import type { Appended, AppendOptions, ChangeLog, KeyedCall, LogPage, NumberedSet, SeenSets } from "../change-log.ts";
import { LOG_PAGE_BYTES, MOST_IN_SET, OtherLogError, UnseenSetsError } from "../change-log.ts";
import { mayExceed } from "../labels-behind.ts";
import { timeSince } from "../time-since.ts";
import { fitting } from "./in-groups.ts";
import { KeptNumbers } from "./kept-numbers.ts";
import { type Claim, claimKey, isOfCall, removeOldClaims } from "./key-claims.ts";
import { LogEnd } from "./log-end.ts";
import { encodeSegment, SEGMENT_SETS, type SegmentSet, storedSegment } from "./segment.ts";
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
  /**
   * True if a trim removes all sets that are due, however many there are. Otherwise it removes the first 1,000, and files the
   * metadata of 2,000 classes, and the next one goes on: each takes two or three requests, and a run of a Worker has a limit of them.
   */
  readonly removesAll?: boolean;
  /** The most memory for the numbers of the sets that gave classes their metadata last, in bytes. Default: 4 MiB. */
  readonly lastSetsBytes?: number;
}

/** An append that took longer than this may have been suspended for a day, in milliseconds. */
const SUSPENDED_MS = 3_600_000;
/** The number of times that a store may refuse a number that it does not have. */
const MOST_TRIES = 20;

/** Sets of a page. `isEnd`: there is none behind them. */
interface LeftSets {
  readonly sets: readonly NumberedSet[];
  readonly isEnd: boolean;
}

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
  readonly #options: SegmentLogOptions;
  readonly #metadata: SegmentMetadata;
  readonly #end: LogEnd;

  /** @param prefix the beginning of the keys of the log, such as "words/log/" */
  constructor(store: SegmentStore, prefix: string, options: SegmentLogOptions = {}) {
    const { now = Date.now } = options;
    this.#store = store;
    this.#names = new SegmentNames(prefix);
    this.#now = now;
    this.#options = options;
    this.#kept = new KeptNumbers(store, this.#names, now);
    this.#end = new LogEnd(store, this.#names, this.#kept, now);
    const at = async (sequence: number) => (await this.#setAt(sequence))?.bytes;
    const sets = { after: this.#setsLeftAfter.bind(this), at };
    this.#metadata = new SegmentMetadata(store, this.#names, this.#kept, sets, options.lastSetsBytes);
  }

  /** Callers take it from the log and call it alone. */
  readonly metadata = (labels: readonly string[]) => this.#metadata.of(labels);

  async append(
    set: Uint8Array,
    { key, writer = "", digest: asked, after = 0, room = Number.POSITIVE_INFINITY }: AppendOptions = {},
  ): Promise<Appended> {
    const start = this.#now();
    const { first } = await this.#kept.read();
    const digest = await sha256(set);
    // Numbers below the first one may be free again: a trim removes sets before it notes that.
    const from = Math.max(await this.#end.confirmed(first), first - 1) + 1;
    if (after >= from && after > (await this.#end.find())) throw new OtherLogError(after, from - 1);
    const call = key === undefined ? undefined : { key, writer, digest: asked ?? digest };
    const claim = call && (await claimKey(this.#store, this.#names, start, call, from));
    const facts = { id: crypto.randomUUID(), digest, ...(claim && { claim: claim.name }) };
    const appended = await this.#take(claim?.from ?? from, { facts, bytes: set }, claim, {
      first,
      next: from,
      after,
      room,
    });
    const { sequence } = appended;
    if (!appended.isReplay && timeSince(start, this.#now()) > SUSPENDED_MS) await this.#checkKept(sequence);
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
    if (after + 1 < first) return { sets: [], head: await this.#end.find(), first };
    const { sets, head, isEnd } = await this.#setsAfter(after, maxBytes);
    const last = after + sets.length;
    if (isEnd && last < head) {
      if (!(await this.#store.has(this.#names.set(last + 1)))) throw this.#end.lost(last + 1, head);
      if (sets.length === 0) return this.read(after, maxBytes); // this process has appended it meanwhile
    }
    return { sets, head, first };
  }

  async trim(upTo: number): Promise<void> {
    const last = Math.min(upTo, await this.#end.find());
    const { removesAll = false } = this.#options;
    // First, so that sets stay for a day after their metadata were filed, and every reader knows it by then.
    const { filed, before } = await this.#metadata.file(last, removesAll);
    const kept = await this.#kept.keepFrom(Math.min(last, filed) + 1);
    const removable = Math.min(this.#kept.removable(kept), before);
    await removeTrimmed(this.#store, this.#names, this.#kept, { behind: kept.removed, upTo: removable, removesAll });
    await removeOldClaims(this.#store, this.#names, this.#now(), removesAll);
  }

  /**
   * Takes the first number from `sequence` on that is free, unless a call with the same key has taken one before. All numbers below
   * `next` were taken. Before the set is written, the sets between `after` and its number are counted: the write fails if another
   * one takes the number.
   */
  async #take(
    sequence: number,
    set: SegmentSet,
    claim: Claim | undefined,
    { first, next, after, room }: SeenSets & Record<"first" | "next", number>,
  ): Promise<Appended> {
    let number = sequence;
    for (let tried = 0; tried < MOST_TRIES; ) {
      const isOld = claim !== undefined && !claim.isNew;
      const there = isOld ? await this.#setAt(number) : undefined;
      if (!there && number < next) {
        // The number was taken, so no reader would see the set there.
        if (number >= first) throw this.#end.lost(number, next - 1);
        number++; // it was trimmed
        continue;
      }
      if (!there && (number - 1 - after) * MOST_IN_SET > room && mayExceed(await this.read(after), after, room)) {
        throw new UnseenSetsError();
      }
      if (!there && (await this.#store.put(this.#names.set(number), encodeSegment(number, [set]), "absent"))) {
        this.#end.learn(number);
        return { sequence: number, isReplay: false };
      }
      // A store may have made the write and lost the answer, so that the repeated write found the set there.
      const found = there ?? (await this.#setAt(number));
      if (found) this.#end.learn(number);
      if (found?.facts.id === set.facts.id) return { sequence: number, isReplay: false };
      if (found && claim && (await this.#isOfCall(found, claim))) return { sequence: number, isReplay: true };
      // A call with a key looks at every number. One whose write is under way elsewhere is tried again, for no number stays free.
      if (!claim) number = (await this.#end.find()) + 1;
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
    if (sequence >= (await this.#kept.read()).first) return;
    await this.#store.remove(this.#names.set(sequence));
    throw new Error(`${this.#store.name}: the process was suspended while it appended a set: try again`);
  }

  /** Reads sets behind `after` until there is none or `maxBytes` are read. `head` is the number of the last set of the log. */
  async #setsAfter(after: number, maxBytes: number): Promise<LeftSets & { readonly head: number }> {
    await this.#end.lookUp();
    const { sets, isEnd } = await this.#setsBehind(after, maxBytes);
    const last = after + sets.length;
    if (sets.length > 0) this.#end.learn(last);
    return { sets, isEnd, head: isEnd && last === this.#end.known ? last : await this.#end.find() };
  }

  /** Reads sets behind `after`, and skips those that the store has lost. Their metadata are lost with them. */
  async #setsLeftAfter(after: number, maxBytes: number): Promise<LeftSets> {
    const { sets, head, isEnd } = await this.#setsAfter(after, maxBytes);
    const last = after + sets.length;
    if (!isEnd || last >= head) return { sets, isEnd };
    if (sets.length > 0) return { sets, isEnd: false };
    const next = (await this.#end.nextBehind(after)) ?? head;
    return this.#setsLeftAfter(next - 1, maxBytes);
  }

  /** Reads sets behind `after` up to the first one that is not there. */
  async #setsBehind(after: number, maxBytes: number): Promise<LeftSets> {
    const sets: NumberedSet[] = [];
    let [room, ahead, unrolled] = [maxBytes, 1, 0];
    for (;;) {
      const next = after + sets.length + 1;
      const isFarBehind = ahead > 1 || lastBeside(next) <= (this.#end.known ?? 0);
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
      if (room <= 0) return { sets, isEnd: false };
      ahead = fitting(room, sets.length, maxBytes - room); // the next page would read others again
    }
  }

  async #setAt(sequence: number): Promise<SegmentSet | undefined> {
    return (await storedSegment(this.#store, this.#names.set(sequence), sequence))?.[0];
  }

  /** Returns the sets from a number on in its rolled-up segment, if there is one. */
  async #rolledFrom(sequence: number): Promise<readonly SegmentSet[] | undefined> {
    const first = firstBeside(sequence);
    return (await storedSegment(this.#store, this.#names.segment(first), first))?.slice(sequence - first);
  }

  /** Rolls up the segment that a set has completed, and the one before it, whose writer may have been killed. */
  async #rollUp(last: number): Promise<void> {
    const rollUpBoth = async (): Promise<void> => {
      for (const each of [last, last - SEGMENT_SETS].map(firstBeside)) await rollUp(this.#store, this.#names, each);
    };
    const work = rollUpBoth().catch(() => {}); // the sets are there without it
    if (this.#options.keepAlive) this.#options.keepAlive(work);
    else await work;
  }
}
