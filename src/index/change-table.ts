/** Spreads ids over the upper bits of a product: 2^32 over the golden ratio. */
const SPREAD = 0x9e3779b1;

/**
 * The classes that a call changes, each once, in the order in which they come. It is a hash table with open addressing: a
 * decoder penalises thousands of classes in every call, for which a Map or a sort takes longer than scoring them.
 */
export class ChangeTable {
  /** The place of a class in `ids`, plus 1; 0 for none. At least half of them are 0, so that every search ends. */
  readonly #slots: Int32Array;
  readonly #shift: number;
  readonly ids: Int32Array;
  /** The number of classes. */
  count = 0;

  /** `most` is the largest number of classes, at least one. */
  constructor(most: number) {
    const bits = 32 - Math.clz32(2 * most - 1);
    this.#slots = new Int32Array(2 ** bits);
    this.#shift = 32 - bits;
    this.ids = new Int32Array(most);
  }

  /** Returns the place of a class. One that is new is added. */
  placeOf(id: number): number {
    const last = this.#slots.length - 1;
    let slot = Math.imul(id, SPREAD) >>> this.#shift;
    for (;;) {
      const place = (this.#slots[slot] as number) - 1;
      if (place >= 0 && this.ids[place] === id) return place;
      if (place < 0) break;
      slot = (slot + 1) & last;
    }
    this.ids[this.count] = id;
    this.#slots[slot] = ++this.count;
    return this.count - 1;
  }
}
