import { type ChangeLog, LOG_PAGE_BYTES, OtherLogError } from "../../src/publication/change-log.ts";
import { LiveProblem } from "../contract/live-problems.ts";
import { Problem } from "../contract/problem.ts";
import { ageOf } from "../publication/age-of.ts";
import { invalidField } from "../request/invalid-field.ts";
import type { Changing } from "./changing.ts";
import type { MinMutation } from "./min-mutation.ts";

/** The interval in ms at which a request checks whether the tail of another one has ended. */
const POLL_MS = 5;
/** The longest that a request waits for a tail, in ms. */
const PATIENCE_MS = 5_000;
/** The time in ms, after a tail that took all of that patience, in which requests do not wait for another one. */
const SLOW_MS = 60_000;
/** The interval in ms at which an index checks whether an isolate that begins with the same file could follow the log. */
const CHECK_MS = 600_000;
/** The age in ms at which a tail has died with its request: `waitUntil` keeps a request alive for at most 30 s. */
const ABANDONED_MS = 30_000;

/** Keeps work alive after the response to a request. */
export type KeepAlive = (work: Promise<unknown>) => void;

/** The facts about tails that all followers of an isolate share. */
export interface Tails {
  /** The numbers of tails that succeeded and that failed since the isolate started. */
  done: number;
  failed: number;
  /** The number of the last change that any index of the isolate has. */
  reached: number;
}

/**
 * Keeps an index at the end of the log of its changes. A tail reads the new sets of the log and applies them.
 *
 * Requests share this state and never a promise, for the reason given at IndexSlot: one request runs a tail, and others that
 * need it poll until it has ended. An index changes in one step between two answers, and never during one.
 */
export class Follower {
  readonly #changing: Pick<Changing, "take" | "isStranding">;
  /** The number of the last change that the index has. */
  sequence: number;
  /** The number of the last change of the log, as far as it is known. */
  head: number;
  /** The time since which only another version helps, such as one with changes that the log lacks. Undefined if none is needed. */
  strandedAt: number | undefined;
  /** The reason why the last tail failed. Undefined if it succeeded. */
  fault: Problem | undefined;
  readonly #log: () => ChangeLog;
  readonly #tails: Tails;
  /** The number of the last change that the file has. */
  readonly #begin: number;
  #checkedAt = Date.now();
  #tailing: { readonly since: number } | undefined;
  /** The time at which the last tail began, whatever its outcome. */
  #triedAt = Number.NEGATIVE_INFINITY;
  /** The last time that a tail took longer than requests wait for it. */
  #slowAt = Number.NEGATIVE_INFINITY;

  /** `sequence` is the number of the last change that the file has. */
  constructor(
    changing: Pick<Changing, "take" | "isStranding">,
    sequence: number,
    log: () => ChangeLog,
    tails: Tails = { done: 0, failed: 0, reached: 0 },
  ) {
    this.#changing = changing;
    this.#begin = sequence;
    this.sequence = sequence;
    this.head = sequence;
    this.#log = log;
    this.#tails = tails;
  }

  /** Brings an index that answers nobody yet to the end of the log. Rejects if that fails. */
  async catchUp(): Promise<void> {
    const before = this.#tails.reached;
    await this.#tail();
    if (this.fault) throw this.fault;
    if (this.sequence < before) this.#tails.reached = this.sequence; // another log, or one that has lost some
  }

  /**
   * Makes the index ready to answer a request. If it was not updated for twice the interval, it is brought up to date before
   * the answer, and otherwise behind the answer once the interval is over. If another version has got further, it is brought up
   * to that, so that answers never go back in time. `wanted` is the change that the answer must have.
   *
   * @throws Problem 400 for a change beyond the end of the log, and LiveProblem 412 for one that cannot be had now
   */
  async ready(deltaMs: number, wanted: MinMutation, keepAlive: KeepAlive): Promise<void> {
    const age = ageOf(this.#triedAt);
    const isSlow = ageOf(this.#slowAt) < SLOW_MS;
    if (wanted.mutation > this.sequence) await this.#see(wanted, keepAlive);
    else if (age > 2 * deltaMs && !isSlow) await this.#share(keepAlive);
    else if (age >= deltaMs && !this.#isTailing) keepAlive(this.#tail());
    if (this.sequence < this.#tails.reached && !isSlow && !this.fault) await this.look(keepAlive);
  }

  /** Brings the index to the end that the log has now, once for all requests that ask at the same time. Never rejects. */
  async look(keepAlive: KeepAlive): Promise<void> {
    // A tail that was running may have read the log before its last change.
    if (!(await this.#share(keepAlive))) await this.#share(keepAlive);
  }

  /**
   * Brings the index up to a change that its parts have already, and no further: with later ones, it would leave behind whoever
   * else asks the same parts. Returns whether it has that change then. Never rejects.
   */
  async reach(wanted: number, keepAlive: KeepAlive): Promise<boolean> {
    await this.#shareUntil(wanted, keepAlive, wanted);
    return this.sequence >= wanted;
  }

  async #see({ mutation, name }: MinMutation, keepAlive: KeepAlive): Promise<void> {
    await this.#shareUntil(mutation, keepAlive);
    if (mutation <= this.sequence) return;
    if (!this.fault && !this.#isTailing && mutation > this.head) {
      throw invalidField(name, `at most ${this.head}, the last mutation of the log, got ${mutation}`);
    }
    const why = this.fault ? `: ${this.fault.message}` : "";
    throw new LiveProblem(
      "mutation_unseen",
      `"${name}" ${mutation} is not seen here yet, where the last one is ${this.sequence}: ask again${why}`,
    );
  }

  get #isTailing(): boolean {
    return this.#tailing !== undefined && Date.now() - this.#tailing.since < ABANDONED_MS;
  }

  /**
   * Waits for a change, and runs a tail if those of others end without it: they may have read the log before the change was in it,
   * or stop at an earlier one.
   */
  async #shareUntil(wanted: number, keepAlive: KeepAlive, upTo?: number): Promise<void> {
    const due = Date.now() + PATIENCE_MS;
    while (wanted > this.sequence && Date.now() < due) if (await this.#share(keepAlive, upTo)) return;
  }

  /** Runs a tail, or waits for the one that is running. Returns true if it ran one itself. */
  async #share(keepAlive: KeepAlive, upTo?: number): Promise<boolean> {
    const others = this.#isTailing ? this.#tailing : undefined;
    const due = Date.now() + PATIENCE_MS;
    if (others) {
      while (this.#tailing === others && Date.now() < due) await sleep(POLL_MS).over;
      return false;
    }
    const tail = this.#tail(upTo);
    keepAlive(tail);
    const { over, stop } = sleep(PATIENCE_MS);
    await Promise.race([tail, over]);
    stop();
    if (this.#isTailing) this.#slowAt = Date.now();
    return true;
  }

  async #tail(upTo = Number.POSITIVE_INFINITY): Promise<void> {
    const mine = { since: Date.now() };
    this.#tailing = mine;
    this.#triedAt = mine.since;
    try {
      do await this.#readPage(upTo);
      while (this.sequence < Math.min(this.head, upTo));
      await this.#checkBegin();
      this.strandedAt = undefined;
      this.fault = undefined;
      this.#tails.done++;
      if (Date.now() - mine.since < PATIENCE_MS) this.#slowAt = Number.NEGATIVE_INFINITY;
    } catch (error) {
      this.fault = problemOf(error);
      if (this.#changing.isStranding?.(error)) this.strandedAt ??= Date.now();
      this.#tails.failed++;
    }
    if (this.#tailing === mine) this.#tailing = undefined;
  }

  /** An index that has all changes would not notice that the log has lost the first ones, until no other isolate can begin. */
  async #checkBegin(): Promise<void> {
    if (ageOf(this.#checkedAt) < CHECK_MS) return;
    await this.#log().read(this.#begin, 1);
    this.#checkedAt = Date.now();
  }

  async #readPage(upTo: number): Promise<void> {
    const from = this.sequence;
    const { sets, head, first } = await this.#log().read(from, LOG_PAGE_BYTES);
    if (head < from) throw new LiveProblem("log_unfit", new OtherLogError(from, head).message);
    if (first > from + 1) {
      this.strandedAt ??= Date.now();
      throw new LiveProblem(
        "log_unfit",
        `the index has the changes up to ${from}, and the log begins with ${first}: publish a version that has those up to ${first - 1} (midx publish --sequence says so of an index that was built anew)`,
      );
    }
    const wanted = sets.filter(({ sequence }) => sequence <= upTo);
    await this.#changing.take(wanted, this.sequence, (sequence) => {
      this.sequence = sequence;
      this.#tails.reached = Math.max(this.#tails.reached, sequence);
    });
    this.head = Math.max(head, this.sequence);
    if (this.sequence === from && Math.min(head, upTo) > from) {
      throw new LiveProblem("log_unreadable", `the log ends with ${head}, and answers with nothing behind ${from}`);
    }
  }
}

function sleep(ms: number): { readonly over: Promise<void>; readonly stop: () => void } {
  let stop = (): void => undefined;
  const over = new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    stop = () => clearTimeout(timer);
  });
  return { over, stop };
}

function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const { name, message } = error as Error;
  const isUnfit = name === "FormatError" || name === "LostSetError";
  return new LiveProblem(isUnfit ? "log_unfit" : "log_unreadable", `the log of changes: ${message}`);
}
