import type { IndexSource } from "../../src/public.ts";
import type { Problem } from "../contract/problem.ts";
import { type Health, problemOfIndex, type Served } from "../host/host.ts";
import { ageOf } from "./age-of.ts";
import type { IndexSlot } from "./index-slot.ts";
import { nextOf } from "./next-publication.ts";
import type { Load, Loaded } from "./open-publication.ts";
import type { Publisher } from "./publication.ts";

/** After this many ms a refresh has died with its request. */
const ABANDONED_MS = 30_000;
/** The delay in ms before an index that could not be served is read again. Each further failure doubles it, up to the maximum. */
const BACKOFF_MS = 60_000;
const MAX_BACKOFF_MS = 3_600_000;

/** The outcome of a check for a newer index. */
export interface Refresh {
  readonly result: keyof Health["refreshes"];
  /** The version that is served from now on. */
  readonly version: string;
  readonly fault: Problem | undefined;
}

/** A publication that could not be served. */
interface RefusedPublication {
  readonly tag: string;
  readonly failures: number;
  readonly at: number;
  /** The time in ms until the next try. */
  readonly waitMs: number;
}

/**
 * Checks for a newer index at intervals, reads it beside the one that is served, and replaces that. An index that cannot be
 * read, is damaged or does not fit in memory changes only `health`.
 */
export class Refresher<Source = IndexSource> {
  readonly #slot: IndexSlot;
  readonly #load: Load<Source>;
  /** The time at which the last check began, and a flag while it runs. */
  #lookedAt = 0;
  #isLooking = false;
  #refused: RefusedPublication | undefined;
  #fault: Problem | undefined;
  readonly #refreshes = { unchanged: 0, swapped: 0, failed: 0 };

  constructor(slot: IndexSlot, load: Load<Source>) {
    this.#slot = slot;
    this.#load = load;
  }

  get health(): Health {
    return { served: this.#slot.current, fault: this.#fault, refreshes: this.#refreshes };
  }

  /** Starts the interval to the next check. */
  start(): void {
    this.#lookedAt = Date.now();
  }

  /** Starts the interval while an older index is served, because the current publication failed with `reason`. */
  startAfterFallback(tag: string, reason: unknown): void {
    this.start();
    this.#fault = problemOfIndex(reason);
    this.#refuse(tag);
    this.#refreshes.failed++;
  }

  /** Tells whether the last check is `seconds` old. 0 means never to check. */
  isDue(seconds: number): boolean {
    const isAbandoned = Date.now() - this.#lookedAt >= ABANDONED_MS;
    return seconds > 0 && ageOf(this.#lookedAt) >= 1000 * seconds && (!this.#isLooking || isAbandoned);
  }

  /** Never rejects. */
  async look(publisher: Publisher<Source>, current: Loaded): Promise<Refresh> {
    this.#lookedAt = Date.now();
    this.#isLooking = true;
    try {
      return await this.#swapFor(publisher, current);
    } finally {
      this.#isLooking = false;
    }
  }

  async #swapFor(publisher: Publisher<Source>, current: Loaded): Promise<Refresh> {
    let tag: string | undefined;
    try {
      const isWaiting = this.#refused !== undefined && ageOf(this.#refused.at) < this.#refused.waitMs;
      const publication = await publisher.look(isWaiting ? this.#refused?.tag : current.tag);
      if (!publication && isWaiting) return this.#count("unchanged", current);
      if (!publication || publication.tag === current.tag) return this.#healthy("unchanged", current);
      tag = publication.tag;
      const { next, read } = await nextOf(this.#load, publication, current);
      if (this.#slot.replace(current, next)) return this.#healthy("swapped", next);
      read?.index.dispose();
      return this.#count("unchanged", this.#slot.current ?? current);
    } catch (error) {
      this.#fault = problemOfIndex(error);
      if (tag !== undefined) this.#refuse(tag);
      return this.#count("failed", current);
    }
  }

  #refuse(tag: string): void {
    const failures = this.#refused?.tag === tag ? this.#refused.failures + 1 : 1;
    const waitMs = Math.min(BACKOFF_MS * 2 ** (failures - 1), MAX_BACKOFF_MS);
    this.#refused = { tag, failures, at: Date.now(), waitMs };
  }

  #healthy(result: Refresh["result"], served: Served): Refresh {
    this.#refused = undefined;
    this.#fault = undefined;
    return this.#count(result, served);
  }

  #count(result: Refresh["result"], { version }: Served): Refresh {
    this.#refreshes[result]++;
    return { result, version, fault: this.#fault };
  }
}
