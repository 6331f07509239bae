/** Limits the requests of one client that are under way at once: Workers have six connections for each. */
export class Gate {
  /** The number of times that all connections are needed, one after the other, if each group of parts is asked once. */
  readonly rounds: number;
  #free: number;
  readonly #waiting: { readonly enter: () => void; readonly since: number }[] = [];
  /** The number of requests that are giving their connections up to those that wait. */
  #yielding = 0;
  /** When a request gave its connection up to another replica, while nobody waited. */
  #replacedAt = 0;

  constructor(most: number, groups = 1) {
    this.#free = most;
    this.rounds = Math.max(1, Math.ceil(groups / most));
  }

  /** True if nobody waits and one more request may enter. */
  get isFree(): boolean {
    return this.#free > 0;
  }

  /**
   * Tells a request whether it is to give its connection up: so many are told so as have waited for half of `shareMs`, without those
   * that have just given theirs up. Where nobody waits, one in `shareMs` is told so that has another replica to ask: the others may
   * only be slow.
   */
  mustYield(hasNext: boolean, shareMs: number): boolean {
    const now = Date.now();
    if (hasNext && this.#waiting.length === 0 && now - this.#replacedAt >= shareMs) {
      this.#replacedAt = now;
      return true;
    }
    if (this.#yielding >= this.#waiting.filter(({ since }) => now - since >= shareMs / 2).length) return false;
    this.#yielding++;
    return true;
  }

  async through<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((enter) => this.#waiting.push({ enter, since: Date.now() }));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      this.#yielding = Math.max(0, this.#yielding - 1);
      if (next) next.enter();
      else this.#free++;
    }
  }
}
