import type { NumberedSet } from "../../../src/publication/change-log.ts";

/** The most bytes of sets that are kept. */
const MOST_BYTES = 4 * 2 ** 20;

/** The last sets of a log, so that a router does not read them again for each of its parts. */
export class RecentSets {
  #sets: NumberedSet[] = [];
  #bytes = 0;

  /** Adds the set behind the last one. */
  add(set: NumberedSet): void {
    this.#sets.push(set);
    this.#bytes += set.bytes.byteLength;
    let gone = 0;
    while (this.#bytes > MOST_BYTES) this.#bytes -= this.#sets[gone++]?.bytes.byteLength ?? 0;
    if (gone > 0) this.#sets = this.#sets.slice(gone);
  }

  /** Returns the sets behind a number, or undefined if the first of them is not kept. */
  behind(sequence: number): readonly NumberedSet[] | undefined {
    const [first] = this.#sets;
    return first && first.sequence <= sequence + 1 ? this.#sets.slice(sequence + 1 - first.sequence) : undefined;
  }
}
