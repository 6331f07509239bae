import { changeSetOf } from "../../../src/changes/change-set-of.ts";
import { type ChangeSet, encodeLoggedSet, type LoggedSet } from "../../../src/changes/index.ts";
import type { FoundInFiles, PlacedChanges, PlacedClasses } from "../../../src/changes/placed-changes.ts";
import { DEFAULT_LIMITS, sha256 } from "../../../src/internal.ts";
import { type ChangeLog, LOG_PAGE_BYTES, type NumberedSet } from "../../../src/publication/change-log.ts";
import type { LiveProblem } from "../../contract/live-problems.ts";
import { firstState, sequenceIn, stateBehind } from "../../parts/changes-state.ts";
import { PartAhead, PartFailure } from "../../parts/part-failure.ts";
import { decodedSet, missing, refusal } from "../apply-sets.ts";
import { encodePartChanges, MOST_SETS } from "./changes-message.ts";
import type { BroughtChanges, FindInFiles } from "./part-changer.ts";
import { ReachedStates } from "./reached-states.ts";
import { RecentSets } from "./recent-sets.ts";
import { RouterFullError } from "./router-full-error.ts";

/** Beside the changes of one version there may be those of another, and bodies of requests. */
const MOST_BYTES = Math.floor(DEFAULT_LIMITS.maxBytes / 4);

/** The changes of the parts after one of them. */
export interface RoutedState {
  readonly sequence: number;
  readonly state: string;
  readonly classes: PlacedClasses;
}

/** The parts, as their changes need them. */
export interface PlacedParts {
  readonly placed: PlacedChanges;
  /** The number of the last change that the files have. */
  readonly sequence: number;
  /** The facts that changes are read by. */
  readonly info: Parameters<typeof changeSetOf>[1];
  /** Looks for labels in the files of all parts. */
  readonly find: (labels: readonly string[]) => Promise<FoundInFiles>;
  /** Brings all parts to a state, as far as they can be reached, before answers are asked for with it. */
  readonly bring: (state: RoutedState) => Promise<void>;
}

interface ReadSet {
  readonly sequence: number;
  readonly bytes: Uint8Array;
  readonly state: string;
  readonly set: LoggedSet;
}

/**
 * The changes of the log, divided among parts elsewhere. Which part has a label, and which id a new one gets, follows from the files
 * and the log alone, so every router comes to the same, and parts need not know of each other.
 */
export class RoutedChanges {
  /** The state of the files. */
  readonly first: string;
  readonly #parts: PlacedParts;
  readonly #log: () => ChangeLog;
  readonly #mostBytes: number;
  readonly #recent = new RecentSets();
  /** Behind each set that is placed. */
  readonly #states: ReachedStates;
  #current: RoutedState;

  /** `mostBytes` is the memory that changes may take here. Default: a quarter of what an isolate has for an index. */
  constructor(parts: PlacedParts, log: () => ChangeLog, mostBytes = MOST_BYTES) {
    const { sequence, placed } = parts;
    this.#mostBytes = mostBytes;
    this.#parts = parts;
    this.#log = log;
    this.first = firstState(sequence);
    this.#states = new ReachedStates(sequence, this.first);
    this.#current = { sequence, state: this.first, classes: placed.classesAt(sequence) };
  }

  /** The changes that answers have now. */
  get current(): RoutedState {
    return this.#current;
  }

  /** Checks changes before they are appended to the log, as checkChanges does. */
  async check(set: ChangeSet, maxDelta: number): Promise<void> {
    const { placed } = this.#parts;
    const labels = [...(set.upserts?.labels ?? []), ...(set.removals ?? [])];
    placed.check(set, await this.#find(labels), maxDelta);
    const classes = placed.bytesWith(set.upserts?.labels ?? []);
    const bytes = this.#states.bytes + classes;
    if (classes > placed.bytes && bytes > this.#mostBytes) throw new RouterFullError(bytes, this.#mostBytes);
  }

  async presence(labels: readonly string[]): Promise<(label: string) => boolean> {
    const found = await this.#find(labels);
    return (label) => this.#parts.placed.isPresent(label, found);
  }

  /** Applies sets of the log behind number `from`. Sets before one that is damaged, or that the parts do not take, count. */
  async take(sets: readonly NumberedSet[], from: number, applied: (sequence: number) => void): Promise<void> {
    const { read, damage } = await this.#read(sets, from);
    const found = await this.#find(read.flatMap(({ set }) => [...(set.upserts?.labels ?? []), ...set.removals]));
    const refused = this.#placeAll(read, found) ?? damage;
    if (this.#states.last > this.#current.sequence) {
      const next = this.#placedState();
      await this.#parts.bring(next);
      if (next.sequence > this.#current.sequence) this.#current = next;
    }
    applied(this.#current.sequence);
    if (refused !== undefined) throw refused;
  }

  /** Places sets in one step, since other requests may do the same. Returns the reason if one is not taken. */
  #placeAll(read: readonly ReadSet[], found: FoundInFiles): LiveProblem | undefined {
    for (const { sequence, bytes, state, set } of read) {
      if (sequence !== this.#states.last + 1) continue; // another request was faster
      try {
        this.#states.add(state, this.#parts.placed.apply(changeSetOf(set, this.#parts.info), found, sequence));
      } catch (error) {
        return refusal(error, sequence);
      }
      this.#recent.add({ sequence, bytes });
    }
    return undefined;
  }

  /** Returns what brings the parts at some places, which are asked together, to a state. */
  upTo({ state, sequence }: RoutedState, places: readonly number[]): BroughtChanges {
    return { state, first: this.first, messagesFrom: (from, find) => this.#messagesFrom(places, from, sequence, find) };
  }

  /** Makes the messages that bring parts from a state to a later one. */
  async *#messagesFrom(
    places: readonly number[],
    state: string,
    to: number,
    find: FindInFiles,
  ): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    let from = this.#sequenceOf(state, to);
    while (from < to) {
      const sets: Uint8Array[][] = [];
      let bytes = 0;
      const behind = (await this.#setsBehind(from)).filter(({ sequence }) => sequence <= to);
      const page = behind.map(({ sequence, bytes: whole }) => decodedSet(whole, sequence));
      const ofFiles = await this.#ofFiles(page, places, find); // at once: each question takes a round trip
      for (const set of page) {
        if (bytes > LOG_PAGE_BYTES || (sets.length + 1) * places.length > MOST_SETS) break;
        const own = places.map((place, i) =>
          encodeLoggedSet(this.#parts.placed.ownOf(set, place, ofFiles[i] as ReadonlySet<string>)),
        );
        sets.push(own);
        bytes += own.reduce((sum, { byteLength }) => sum + byteLength, 0);
      }
      const sequences = sets.map((_, i) => from + 1 + i);
      const states = sequences.map((sequence) => this.#stateAt(sequence));
      const added = sequences.map((sequence) => this.#addedBy(sequence, places));
      yield encodePartChanges({ from: this.#stateAt(from), states, sets, added });
      from += sets.length;
    }
  }

  /** Returns those labels of sets that are in the files of the parts at some places, as far as that is not known by changes. */
  async #ofFiles(
    sets: readonly LoggedSet[],
    places: readonly number[],
    find: FindInFiles,
  ): Promise<readonly ReadonlySet<string>[]> {
    const { placed } = this.#parts;
    const labels = [...new Set(sets.flatMap(({ upserts }) => upserts?.labels ?? []))];
    // Those that are known now may not be so later: another request may take a set that removes them.
    const [replaced, unnamed] = [placed.replaced(labels), placed.unnamed(labels)];
    const found = unnamed.length > 0 ? await find(unnamed) : [];
    return places.map((place, i) => {
      const isThere = (_: string, at: number): boolean => (found[i]?.ids[at] ?? null) !== null;
      return new Set([...(replaced[place]?.keys() ?? []), ...unnamed.filter(isThere)]);
    });
  }

  /** Returns the parts of the classes that a set adds, as places among those at some places. */
  #addedBy(sequence: number, places: readonly number[]): number[] {
    const all = this.#states.placesOfAdded(sequence - 1, sequence);
    return all.map((place) => places.indexOf(place)).filter((place) => place >= 0);
  }

  /** Returns the number of a state of this log, up to one that is wanted. */
  #sequenceOf(state: string, to: number): number {
    const sequence = sequenceIn(state);
    if (sequence !== undefined && sequence > to) throw new PartAhead(sequence);
    if (sequence !== undefined && this.#stateAt(sequence) === state) return sequence;
    throw new PartFailure(
      `it has the changes ${state.slice(0, 64)} of another log: start it again, or publish another version`,
    );
  }

  #stateAt(sequence: number): string {
    return this.#states.at(sequence) as string;
  }

  #placedState(): RoutedState {
    const { last } = this.#states;
    return { sequence: last, state: this.#stateAt(last), classes: this.#parts.placed.classesAt(last) };
  }

  async #setsBehind(from: number): Promise<readonly NumberedSet[]> {
    const recent = this.#recent.behind(from);
    if (recent) return recent;
    const { sets, first } = await this.#log().read(from, LOG_PAGE_BYTES);
    if (sets[0]?.sequence === from + 1) return sets;
    throw new PartFailure(`it has the changes up to ${from}, and the log begins with ${first}`);
  }

  /** Returns the ids that labels have in the files. Those of removed classes are not kept. */
  async #find(labels: readonly string[]): Promise<FoundInFiles> {
    const { placed, find } = this.#parts;
    const [replaced, unnamed] = [placed.replaced(labels), placed.unnamed(labels)];
    if (unnamed.length === 0) return replaced;
    const found = await find(unnamed);
    return replaced.map((ids, i) => new Map([...ids, ...(found[i] as ReadonlyMap<string, number>)]));
  }

  /** Reads the sets behind a number, and computes the state behind each. `damage` is the reason why it stopped before the end. */
  async #read(
    sets: readonly NumberedSet[],
    from: number,
  ): Promise<{ readonly read: readonly ReadSet[]; readonly damage?: unknown }> {
    const read: ReadSet[] = [];
    let state = this.#stateAt(from);
    for (const { sequence, bytes } of sets) {
      const next = from + read.length + 1;
      if (sequence < next) continue;
      if (sequence > next) return { read, damage: missing(next, sequence) };
      state = await stateBehind(state, sequence, bytes, sha256);
      try {
        read.push({ sequence, bytes, state, set: decodedSet(bytes, sequence) });
      } catch (damage) {
        return { read, damage };
      }
    }
    return { read };
  }
}
