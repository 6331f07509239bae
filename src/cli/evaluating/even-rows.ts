import type { MultiIndex } from "../../index.ts";

/** Rows that are evenly spaced among those of all parts, which are added in their order. */
export class EvenRows {
  readonly #itemCount: number;
  readonly #count: number;
  readonly #pieces: Float32Array[] = [];

  constructor(itemCount: number, count: number) {
    this.#itemCount = itemCount;
    this.#count = count;
  }

  /** Takes the rows of a part whose classes begin at `first`. */
  add(index: MultiIndex, first: number): void {
    const ids = Array.from({ length: this.#count }, (_, i) => Math.floor((i * this.#itemCount) / this.#count) - first);
    this.#pieces.push(index.rows(Int32Array.from(ids.filter((id) => id >= 0 && id < index.info.itemCount))));
  }

  /** Returns the rows, f32 (n, dim). */
  values(): Float32Array {
    const all = new Float32Array(this.#pieces.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const piece of this.#pieces) {
      all.set(piece, at);
      at += piece.length;
    }
    return all;
  }
}
