import { isSet } from "../memory/bits.ts";

const PAGE_IDS = 2 ** 15;

/**
 * A set of ids with a bit for each. Bits are in pages, which ids that are far from all others do not need, and which copies share
 * until one of them changes, so that a copy takes no time.
 */
export class PagedIds {
  #size = 0;
  #pages: (Int32Array | undefined)[] = [];
  /** The pages that no copy has. */
  #own = new Set<Int32Array>();

  get size(): number {
    return this.#size;
  }

  has(id: number): boolean {
    const page = this.#pages[Math.floor(id / PAGE_IDS)];
    return page !== undefined && isSet(page, id % PAGE_IDS);
  }

  /** Puts an id into the set, or takes it out. */
  set(id: number, isIn: boolean): void {
    if (this.has(id) === isIn) return;
    const bits = this.#ownPage(Math.floor(id / PAGE_IDS));
    const at = id % PAGE_IDS;
    bits[at >> 5] = (bits[at >> 5] as number) ^ (1 << (at & 31));
    this.#size += isIn ? 1 : -1;
  }

  /** Returns a copy, which changes of this set do not change. */
  copy(): PagedIds {
    const copy = new PagedIds();
    copy.#size = this.#size;
    copy.#pages = [...this.#pages];
    this.#own = new Set();
    return copy;
  }

  #ownPage(place: number): Int32Array {
    const page = this.#pages[place];
    if (page && this.#own.has(page)) return page;
    const own = page?.slice() ?? new Int32Array(PAGE_IDS / 32);
    this.#own.add(own);
    this.#pages[place] = own;
    return own;
  }
}
