import type { Problem } from "../contract/problem.ts";
import { type Health, problemOfIndex, type Served } from "../host/host.ts";
import type { IndexSlot } from "./index-slot.ts";
import { type Load, type Loaded, openBeside } from "./open-publication.ts";
import type { Publisher } from "./publication.ts";

/** A look that says nothing for this long died with its request, ms. */
const ABANDONED_MS = 30_000;
/** Before a published index that can't be served is read again, doubled by each further failure up to the cap, ms. */
const BACKOFF_MS = 60_000;
const MAX_BACKOFF_MS = 3_600_000;

/** The outcome of a look for a newer index. */
export interface Refresh {
  readonly result: keyof Health["refreshes"];
  /** Served from now on. */
  readonly version: string;
  readonly fault: Problem | undefined;
}

/** A publication that could not be served. */
interface Refused {
  readonly tag: string;
  readonly failures: number;
  readonly retryAt: number;
}

/**
 * Looks now and then for a newer index, reads it beside the one that is served and puts it in its place. One that can't be
 * read, is damaged or does not fit changes nothing but `health`.
 */
export class Refresher {
  readonly #slot: IndexSlot;
  readonly #load: Load;
  /** When the last look began, and whether it has come to something. */
  #lookedAt = 0;
  #isLooking = false;
  #refused: Refused | undefined;
  #fault: Problem | undefined;
  readonly #refreshes = { unchanged: 0, swapped: 0, failed: 0 };

  constructor(slot: IndexSlot, load: Load) {
    this.#slot = slot;
    this.#load = load;
  }

  get health(): Health {
    return { served: this.#slot.current, fault: this.#fault, refreshes: this.#refreshes };
  }

  /** Begins to count the seconds to the next look. */
  isServed(): void {
    this.#lookedAt = Date.now();
  }

  /** The same where what is published could not be served for this reason, so that it is an older one. */
  isServedInsteadOf(tag: string, reason: unknown): void {
    this.isServed();
    this.#fault = problemOfIndex(reason);
    this.#refuse(tag);
    this.#refreshes.failed++;
  }

  /** Whether the last look is `seconds` old; 0 never looks. */
  isDue(seconds: number): boolean {
    const age = Date.now() - this.#lookedAt;
    return seconds > 0 && age >= 1000 * seconds && (!this.#isLooking || age >= ABANDONED_MS);
  }

  /** Never rejects. */
  async look(publisher: Publisher, current: Loaded): Promise<Refresh> {
    this.#lookedAt = Date.now();
    this.#isLooking = true;
    try {
      return await this.#swapFor(publisher, current);
    } finally {
      this.#isLooking = false;
    }
  }

  async #swapFor(publisher: Publisher, current: Loaded): Promise<Refresh> {
    let tag: string | undefined;
    try {
      const isWaiting = this.#refused !== undefined && Date.now() < this.#refused.retryAt;
      const publication = await publisher.look(isWaiting ? this.#refused?.tag : current.tag);
      if (!publication && isWaiting) return this.#said("unchanged", current);
      if (!publication || publication.tag === current.tag) return this.#healthy("unchanged", current);
      tag = publication.tag;
      const next = await openBeside(this.#load, publication, current);
      if (this.#slot.replace(current, next)) return this.#healthy("swapped", next);
      next.index.dispose();
      return this.#said("unchanged", this.#slot.current ?? current);
    } catch (error) {
      this.#fault = problemOfIndex(error);
      if (tag !== undefined) this.#refuse(tag);
      return this.#said("failed", current);
    }
  }

  #refuse(tag: string): void {
    const failures = this.#refused?.tag === tag ? this.#refused.failures + 1 : 1;
    const backoff = Math.min(BACKOFF_MS * 2 ** (failures - 1), MAX_BACKOFF_MS);
    this.#refused = { tag, failures, retryAt: Date.now() + backoff };
  }

  #healthy(result: Refresh["result"], served: Served): Refresh {
    this.#refused = undefined;
    this.#fault = undefined;
    return this.#said(result, served);
  }

  #said(result: Refresh["result"], { version }: Served): Refresh {
    this.#refreshes[result]++;
    return { result, version, fault: this.#fault };
  }
}
