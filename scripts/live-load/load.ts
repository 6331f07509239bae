import { setTimeout as sleep } from "node:timers/promises";
import type { Catalogue, Change } from "./catalogue.ts";

/** A service, and the requests that it gets. */
export interface Load {
  readonly url: string;
  readonly writeToken: string;
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
  /** Requests that were not sent, because the largest number of requests was under way. */
  late: number;
}

/** A slower machine gets fewer requests, not a queue that grows. */
const MOST_UNDER_WAY = 200;
const MOST_NOTED = 10;

/** Reads and writes at fixed rates, and compares the answers with the catalogue. */
export class Loader {
  readonly report: LoadReport = {
    ...{ reads: 0, writes: 0, checks: 0, failures: [], failed: 0, missing: [], untilVisible: [], late: 0 },
  };
  readonly #catalogue: Catalogue;
  readonly #load: Load;
  #waiting: { readonly sequence: number; readonly at: number }[] = [];
  #underWay = 0;

  constructor(catalogue: Catalogue, load: Load) {
    this.#catalogue = catalogue;
    this.#load = load;
  }

  /** Runs for the time of the load, and until all its requests are answered. */
  async run(): Promise<LoadReport> {
    const { seconds, readsPerSecond, writesPerSecond } = this.#load;
    await Promise.all([
      this.#atRate(readsPerSecond, seconds, () => this.#read()),
      this.#atRate(writesPerSecond, seconds, () => this.#write()),
    ]);
    while (this.#underWay > 0) await sleep(20);
    return this.report;
  }

  /** Asks for every class that was changed, with the last number as `minMutation`. */
  async checkAll(): Promise<void> {
    const { complete, changed } = this.#catalogue;
    for (const label of changed) await this.#check(label, complete);
  }

  async #atRate(perSecond: number, seconds: number, ask: () => Promise<void>): Promise<void> {
    const start = performance.now();
    for (let i = 0; i < perSecond * seconds; i++) {
      const wait = start + (1000 * i) / perSecond - performance.now();
      if (wait > 1) await sleep(wait);
      if (this.#underWay >= MOST_UNDER_WAY) {
        this.report.late++;
        continue;
      }
      this.#underWay++;
      void ask().finally(() => this.#underWay--);
    }
  }

  async #read(): Promise<void> {
    const vector = this.#catalogue.queryOf(this.#catalogue.newRow());
    const answer = await this.#ask("/v1/predict", { vector, k: 10 });
    this.report.reads++;
    if (answer) this.#seen(Number(answer.mutation));
  }

  async #write(): Promise<void> {
    const change = this.#catalogue.propose();
    const key = crypto.randomUUID();
    const headers = { authorization: `Bearer ${this.#load.writeToken}`, "idempotency-key": key };
    const answer = await this.#ask(change.path, change.body, headers);
    this.report.writes++;
    const sequence = answer === undefined ? undefined : Number(answer.sequence);
    this.#catalogue.settle(change, sequence);
    if (sequence === undefined) return;
    this.#waiting.push({ sequence, at: performance.now() });
    await this.#checkChange(change, sequence);
  }

  async #checkChange({ body: { labels } }: Change, sequence: number): Promise<void> {
    for (const label of labels.slice(0, 1)) await this.#check(label, sequence);
  }

  /** Asks for one class by its row. A removed one must not be the answer to the row that it had. */
  async #check(label: string, sequence: number): Promise<void> {
    const item = this.#catalogue.expected(label, sequence);
    if (!item) return;
    const vector = this.#catalogue.queryOf(item.row);
    const answer = await this.#ask("/v1/predict", { vector, k: 1, exact: true, minMutation: sequence });
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
    path: string,
    body: object,
    headers: Record<string, string> = {},
  ): Promise<Record<string, unknown> | undefined> {
    try {
      const response = await fetch(this.#load.url + path, {
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
