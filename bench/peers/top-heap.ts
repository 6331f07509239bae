/** The k best (id, score) pairs: a binary heap with the worst at the root. */
export class TopHeap {
  readonly ids: Uint32Array<ArrayBuffer>;
  readonly scores: Float64Array<ArrayBuffer>;
  /** A score that is not above this is not among the k best. */
  worst = -Infinity;
  #size = 0;

  constructor(k: number) {
    this.ids = new Uint32Array(k);
    this.scores = new Float64Array(k);
  }

  /** Adds a pair. The score must be above `worst`. */
  push(id: number, score: number): void {
    const { ids, scores } = this;
    let at: number;
    if (this.#size < ids.length) {
      at = this.#size++;
      while (at > 0) {
        const parent = (at - 1) >> 1;
        if ((scores[parent] as number) <= score) break;
        this.#move(parent, at);
        at = parent;
      }
    } else {
      at = 0;
      for (let child = 1; child < this.#size; child = 2 * at + 1) {
        if (child + 1 < this.#size && (scores[child + 1] as number) < (scores[child] as number)) child++;
        if ((scores[child] as number) >= score) break;
        this.#move(child, at);
        at = child;
      }
    }
    ids[at] = id;
    scores[at] = score;
    if (this.#size === ids.length) this.worst = scores[0] as number;
  }

  /** Returns the ids, best first, and the lower id first among equal scores. */
  sorted(): Uint32Array<ArrayBuffer> {
    const order = Array.from({ length: this.#size }, (_, at) => at);
    const [id, score] = [(at: number) => this.ids[at] as number, (at: number) => this.scores[at] as number];
    order.sort((a, b) => score(b) - score(a) || id(a) - id(b));
    return Uint32Array.from(order, id);
  }

  #move(from: number, to: number): void {
    this.ids[to] = this.ids[from] as number;
    this.scores[to] = this.scores[from] as number;
  }
}
