import { setTimeout as sleep } from "node:timers/promises";
import type { Catalogue } from "./catalogue.ts";

/** A service, and the requests that it gets. */
export interface Load {
  /** The isolate that takes the writes, and reads with their numbers as `minMutation`. */
  readonly url: string;
  /** The isolate that takes all other reads, so that only its own looks at the log bring it changes. */
  readonly readerUrl: string;
  readonly writeToken: string;
  /** The time that the load takes where the machine keeps up. */
  readonly seconds: number;
  readonly readsPerSecond: number;
  readonly writesPerSecond: number;
}

/** The results of a load. */
export interface LoadReport {
  reads: number;
  writes: number;
  /** Reads behind an acknowledged write, with its number as `minMutation`. */
  checks: number;
  /** The first of the requests that failed, with their statuses. */
  readonly failures: string[];
  failed: number;
  /** Acknowledged changes that an answer with their `minMutation` did not have. */
  readonly missing: string[];
  /** Milliseconds from the acknowledgement of a change to the first answer that has it, without `minMutation`. */
  readonly untilVisible: number[];
  /** Reads and writes that were sent later than planned, because the largest number of requests was under way. */
  late: number;
  /** Reads and writes that were not sent at all, because the time was over. */
  unsent: number;
  /** Acknowledged changes that no answer had without `minMutation`. */
  unseen: number;
}

/** A slower machine gets the same requests over a longer time, and no more of them at once. */
const MOST_UNDER_WAY = 32;
/** The longest that a load may take, in units of its planned time. A machine ten times slower needs less. */
const LONGEST = 20;
const LATE_MS = 200;
/** The longest that the last changes may take to be seen. */
const MOST_UNSEEN_MS = 30_000;
const MOST_NOTED = 10;
/** Labels that are asked for at once when many are checked. */
const CHECKED_AT_ONCE = 4;

/** Reads and writes at fixed rates, and compares the answers with the catalogue. */
export class Loader {
  readonly report: LoadReport = {
    reads: 0,
    writes: 0,
    checks: 0,
    failures: [],
    failed: 0,
    missing: [],
    untilVisible: [],
    late: 0,
    unsent: 0,
    unseen: 0,
  };
  readonly #catalogue: Catalogue;
  readonly #load: Load;
  #waiting: { readonly sequence: number; readonly at: number }[] = [];
  #underWay = 0;

  constructor(catalogue: Catalogue, load: Load) {
    this.#catalogue = catalogue;
    this.#load = load;
  }

  /** The share of the writes that were answered. */
  get progress(): number {
    const { seconds, writesPerSecond } = this.#load;
    return this.report.writes / (seconds * writesPerSecond);
  }

  /** Sends all requests of the load, and reads on until the last change is seen. */
  async run(): Promise<LoadReport> {
    const { readsPerSecond, writesPerSecond } = this.#load;
    await Promise.all([
      this.#atRate(readsPerSecond, () => this.#read()),
      this.#atRate(writesPerSecond, () => this.#write()),
    ]);
    while (this.#underWay > 0) await sleep(20);
    for (const start = performance.now(); this.#waiting.length > 0; await sleep(50)) {
      await this.#read();
      if (performance.now() - start > MOST_UNSEEN_MS) break;
    }
    this.report.unseen = this.#waiting.length;
    return this.report;
  }

  /**
   * Asks both isolates for classes that were changed, with the last number as `minMutation`: for all of them, or for about as many
   * as `most` says.
   */
  async checkChanged(most = Number.POSITIVE_INFINITY): Promise<void> {
    const { complete, changed } = this.#catalogue;
    const step = Math.max(1, Math.ceil(changed.length / most));
    const labels = changed.filter((_, i) => i % step === 0);
    const { url, readerUrl } = this.#load;
    for (let i = 0; i < labels.length; i += CHECKED_AT_ONCE) {
      const some = labels.slice(i, i + CHECKED_AT_ONCE);
      await Promise.all(some.flatMap((label) => [url, readerUrl].map((at) => this.#check(at, label, complete))));
    }
  }

  async #atRate(perSecond: number, ask: () => Promise<void>): Promise<void> {
    const { seconds } = this.#load;
    const count = Math.round(perSecond * seconds);
    const start = performance.now();
    for (let i = 0; i < count; i++) {
      const due = start + (1000 * i) / perSecond;
      do await sleep(Math.max(0, due - performance.now()));
      while (this.#underWay >= MOST_UNDER_WAY);
      const now = performance.now();
      if (now - start > LONGEST * 1000 * seconds) {
        this.report.unsent += count - i;
        return;
      }
      if (now - due > LATE_MS) this.report.late++;
      this.#underWay++;
      void ask().finally(() => this.#underWay--);
    }
  }

  async #read(): Promise<void> {
    const vector = this.#catalogue.queryOf(this.#catalogue.newRow());
    const answer = await this.#ask(this.#load.readerUrl, "/v1/predict", { vector, k: 10 });
    this.report.reads++;
    if (answer) this.#seen(Number(answer.mutation));
  }

  async #write(): Promise<void> {
    const change = this.#catalogue.propose();
    const key = crypto.randomUUID();
    const headers = { authorization: `Bearer ${this.#load.writeToken}`, "idempotency-key": key };
    const answer = await this.#ask(this.#load.url, change.path, change.body, headers);
    this.report.writes++;
    const sequence = answer === undefined ? undefined : Number(answer.sequence);
    this.#catalogue.settle(change, sequence);
    if (sequence === undefined) return;
    this.#waiting.push({ sequence, at: performance.now() });
    await this.#check(this.#load.url, change.body.labels[0] as string, sequence);
  }

  /** Asks for one class by its row. A removed one must not be the answer to the row that it had. */
  async #check(url: string, label: string, sequence: number): Promise<void> {
    const item = this.#catalogue.expected(label, sequence);
    if (!item) return;
    const vector = this.#catalogue.queryOf(item.row);
    const answer = await this.#ask(url, "/v1/predict", { vector, k: 1, exact: true, minMutation: sequence });
    if (!answer) return;
    this.report.checks++;
    const found = (answer.labels as readonly string[])[0];
    const isSeen = Number(answer.mutation) >= sequence && (found === label) !== item.isRemoved;
    // A later change of the label may have come while the answer was under way.
    if (isSeen || this.#catalogue.expected(label, sequence) !== item) return;
    this.report.missing.push(`${label} at ${sequence}: got ${found} at ${answer.mutation} of ${answer.version}`);
  }

  #seen(mutation: number): void {
    const now = performance.now();
    const seen = this.#waiting.filter(({ sequence }) => sequence <= mutation);
    for (const { at } of seen) this.report.untilVisible.push(now - at);
    if (seen.length > 0) this.#waiting = this.#waiting.filter(({ sequence }) => sequence > mutation);
  }

  async #ask(
    url: string,
    path: string,
    body: object,
    headers: Record<string, string> = {},
  ): Promise<Record<string, unknown> | undefined> {
    try {
      const response = await fetch(url + path, {
        method: "POST",
        headers: { ...headers, "content-type": "application/json" },
        body: JSON.stringify(body),
      });
      const text = await response.text();
      if (response.ok) return JSON.parse(text) as Record<string, unknown>;
      this.#fail(`${path}: ${response.status} ${text.slice(0, 200)}`);
    } catch (error) {
      this.#fail(`${path}: ${(error as Error).message}`);
    }
    return undefined;
  }

  #fail(failure: string): void {
    this.report.failed++;
    if (this.report.failures.length < MOST_NOTED) this.report.failures.push(failure);
  }
}
