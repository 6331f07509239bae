/** Bytes of a state: its digest, and a count. */
const DIGEST_BYTES = 16;
const COUNT_BYTES = 4;

/**
 * The states behind the sets of a log, from that of the files on, and the places of the parts of the classes that the sets add. A log
 * may have a million sets before it is compacted, so a state takes 20 bytes.
 */
export class ReachedStates {
  readonly #begin: number;
  #count = 0;
  #digests = new Uint8Array(64 * DIGEST_BYTES);
  /** For each state the number of classes that the sets up to it add. */
  #addedCounts = new Uint32Array(64);
  readonly #places: number[] = [];

  /** `first` is the state of the files, behind the change of this number. */
  constructor(begin: number, first: string) {
    this.#begin = begin;
    this.add(first, []);
  }

  /** The number of the last change. */
  get last(): number {
    return this.#begin + this.#count - 1;
  }

  /** The bytes of memory that the states take. */
  get bytes(): number {
    return this.#count * (DIGEST_BYTES + COUNT_BYTES);
  }

  /** Adds the state behind the next set. */
  add(state: string, placesOfAdded: readonly number[]): void {
    if (this.#count === this.#addedCounts.length) this.#grow();
    const digits = state.slice(-2 * DIGEST_BYTES);
    for (let i = 0; i < DIGEST_BYTES; i++) {
      this.#digests[this.#count * DIGEST_BYTES + i] = Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16);
    }
    for (const place of placesOfAdded) this.#places.push(place);
    this.#addedCounts[this.#count++] = this.#places.length;
  }

  /** Returns the state behind a change. Undefined for one that is not known. */
  at(sequence: number | undefined): string | undefined {
    const place = (sequence ?? Number.NaN) - this.#begin;
    if (!(place >= 0 && place < this.#count)) return undefined;
    const digest = this.#digests.subarray(place * DIGEST_BYTES, (place + 1) * DIGEST_BYTES);
    return `${sequence}-${Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
  }

  /** Returns for each class that the changes behind one and up to another add the place of its part, in the order of their ids. */
  placesOfAdded(from: number, to: number): number[] {
    const [begin, end] = [from, to].map((sequence) => this.#addedCounts[sequence - this.#begin]);
    return this.#places.slice(begin, end);
  }

  #grow(): void {
    const [digests, counts] = [this.#digests, this.#addedCounts];
    this.#digests = new Uint8Array(2 * digests.length);
    this.#digests.set(digests);
    this.#addedCounts = new Uint32Array(2 * counts.length);
    this.#addedCounts.set(counts);
  }
}
