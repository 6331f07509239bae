/** The memory of a label in a map, beside that of its characters: about 80 bytes were measured (Node 24). */
const ENTRY_BYTES = 96;
/** The share of the room that is left when labels have been dropped, so that this happens seldom. */
const LEFT = 7 / 8;

/** The number of a set, negative if the set has removed the class or all of its metadata. */
type LastSet = number;

/**
 * The last set that says something about the metadata of each class, for the classes that such sets have named last: as many as have
 * room.
 */
export class LastSets {
  readonly #mostBytes: number;
  /** By label, in the order of their numbers. */
  readonly #sets = new Map<string, LastSet>();
  #bytes = 0;
  #dropped = 0;

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  /** Sets up to this number may have named other classes, too. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Returns the last set of a class. */
  of(label: string): LastSet | undefined {
    return this.#sets.get(label);
  }

  /** Notes what a set says about a class. Sets come in their order. */
  note(label: string, sequence: number, hasMetadata: boolean): void {
    this.#remove(label);
    this.#sets.set(label, hasMetadata ? sequence : -sequence);
    this.#bytes += bytesOf(label);
    if (this.#bytes <= this.#mostBytes) return;
    for (const [oldest, last] of this.#sets) {
      if (this.#bytes <= LEFT * this.#mostBytes) break;
      this.#remove(oldest);
      this.#dropped = Math.abs(last);
    }
  }

  /** Forgets the sets up to a number. */
  forget(upTo: number): void {
    for (const [label, last] of this.#sets) {
      if (Math.abs(last) > upTo) break;
      this.#remove(label);
    }
  }

  #remove(label: string): void {
    if (this.#sets.delete(label)) this.#bytes -= bytesOf(label);
  }
}

/** A character takes one byte, or two in a text that has others than those of Latin-1. */
const bytesOf = (label: string): number => ENTRY_BYTES + 2 * label.length;
