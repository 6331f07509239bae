/** Limits the requests of one client that are under way at once: Workers have six connections for each. */
export class Gate {
  /** The number of times that all connections are needed, one after the other, if each group of parts is asked once. */
  readonly rounds: number;
  #free: number;
  readonly #waiting: (() => void)[] = [];
  /** The number of requests that are giving their connections up to those that wait. */
  #yielding = 0;

  constructor(most: number, groups = 1) {
    this.#free = most;
    this.rounds = Math.max(1, Math.ceil(groups / most));
  }

  /** True if nobody waits and one more request may enter. */
  get isFree(): boolean {
    return this.#free > 0;
  }

  /** Tells a request whether it is to give its connection up to one that waits; so many are told so as wait. */
  mustYield(): boolean {
    if (this.#yielding >= this.#waiting.length) return false;
    this.#yielding++;
    return true;
  }

  async through<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      this.#yielding = Math.max(0, this.#yielding - 1);
      if (next) next();
      else this.#free++;
    }
  }
}
