import { LostSetError } from "../change-log.ts";
import { timeSince } from "../time-since.ts";
import { FRESH_MS, type KeptNumbers } from "./kept-numbers.ts";
import { firstBeside, type SegmentNames } from "./segment-names.ts";
import type { SegmentStore } from "./segment-store.ts";

/**
 * The end of a log in segments. From a number that is taken, it is a few looks away. But if somebody has deleted sets from outside,
 * such as a rule of a bucket, the first number that is free is not the end, and a log without its oldest sets looks empty. So a
 * process that begins lists the sets behind what it takes for the end, and does so again from time to time.
 */
export class LogEnd {
  readonly #store: SegmentStore;
  readonly #names: SegmentNames;
  readonly #kept: KeptNumbers;
  readonly #now: () => number;
  #listedAt = Number.NEGATIVE_INFINITY;
  /** The largest number that is known to be taken. */
  known: number | undefined;

  constructor(store: SegmentStore, names: SegmentNames, kept: KeptNumbers, now: () => number) {
    this.#store = store;
    this.#names = names;
    this.#kept = kept;
    this.#now = now;
  }

  /** Notes that a number is taken. */
  learn(taken: number): void {
    this.known = Math.max(this.known ?? 0, taken);
  }

  /**
   * Returns the largest number that is known to be taken, if the store still has it. Otherwise the log was deleted while this
   * process was there: a set behind the gap would be accepted, and no reader would ever come to it. `first` is the oldest set
   * that is kept. Throws a LostSetError.
   */
  async confirmed(first: number): Promise<number> {
    const { known } = this;
    if (known === undefined) return this.find();
    if (known < first || (await this.#store.has(this.#names.set(known)))) return known;
    this.known = undefined;
    this.#listedAt = Number.NEGATIVE_INFINITY;
    const found = await this.find(); // a segment may have the set
    this.learn(known); // so that the next write is refused as well
    if (found < known) throw this.lost(found + 1, known);
    return found;
  }

  /** The error about a set that the store no longer has. */
  lost(sequence: number, head: number): LostSetError {
    return new LostSetError(`${this.#store.name}: ${this.#names.set(sequence)}`, head);
  }

  /** Finds the end if the last listing is so old that another one is due. */
  async lookUp(): Promise<void> {
    if (this.#isDue) await this.find();
  }

  /** Finds the largest number that is taken. */
  async find(): Promise<number> {
    const { first } = await this.#kept.read();
    let taken = await this.#lastFrom(Math.max(this.known ?? 0, first - 1));
    if (this.#isDue) {
      const now = this.#now();
      for (let next = await this.nextBehind(taken); next !== undefined; next = await this.nextBehind(taken)) {
        taken = await this.#lastFrom(next);
      }
      this.#listedAt = now;
    }
    this.learn(taken);
    return taken;
  }

  /** Returns the number of the first set behind a number that the store has, or of the last one of a rolled-up segment. */
  async nextBehind(sequence: number): Promise<number | undefined> {
    let behind = this.#names.before(firstBeside(sequence + 1));
    for (;;) {
      const keys = await this.#store.list(this.#names.prefix, behind);
      const numbers = keys.map((key) => this.#names.lastIn(key));
      const next = numbers.find((last) => last > sequence);
      // Digits come before the letters of all other keys.
      if (next !== undefined || !(Number(numbers.at(-1)) <= sequence)) return next;
      behind = keys.at(-1) as string;
    }
  }

  get #isDue(): boolean {
    return timeSince(this.#listedAt, this.#now()) >= FRESH_MS;
  }

  /** Finds the last number of a run of taken ones, in a few more looks than the logarithm of their count. */
  async #lastFrom(sequence: number): Promise<number> {
    const isTaken = (each: number): Promise<boolean> => this.#store.has(this.#names.set(each));
    let taken = sequence;
    let step = 1;
    while (await isTaken(taken + step)) {
      taken += step;
      step *= 2;
    }
    for (step /= 2; step >= 1; step /= 2) if (await isTaken(taken + step)) taken += step;
    return taken;
  }
}
