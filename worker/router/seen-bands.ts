import type { PartialAnswer } from "../../src/parts/index.ts";

/** The best classes whose bands are kept: more than answers are under way at a time. */
const MOST_SEEN = 1024;

/** The popularity bands of the classes that were the best of the last answers of parts elsewhere. */
export class SeenBands {
  /** By the id of the class within its group; the one that was seen last is at the end. */
  readonly #bands = new Map<number, number>();

  /** Keeps the bands of the best classes of answers, which a header lists. A host of an earlier version sends none. */
  note(answers: readonly PartialAnswer[], header: string | null): void {
    if (header?.length !== answers.length || !/^[0-3]+$/.test(header)) return;
    for (const [i, { top }] of answers.entries()) {
      const best = top?.ids[0];
      if (best === undefined) continue;
      this.#bands.delete(best);
      this.#bands.set(best, Number(header[i]));
    }
    for (const [oldest] of this.#bands) {
      if (this.#bands.size <= MOST_SEEN) break;
      this.#bands.delete(oldest);
    }
  }

  /** Returns the band of a class, as its place in STATISTICS_BANDS; 0 if it has none or was not seen. */
  readonly bandIn = (id: number): number => this.#bands.get(id) ?? 0;
}
