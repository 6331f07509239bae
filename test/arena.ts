import type { Kernels } from "./kernels.ts";

const PAGE_BYTES = 65_536;
/** Garbage in every byte that is not laid out. No kernel may change it or rely on it. */
const FILL = 0xa5;
/** Eight bytes of it as a number that is neither zero nor NaN, so that no other bytes equal it. */
const FILL_WORD = new Float64Array(new Uint8Array(8).fill(FILL).buffer)[0];
/** The bytes between two regions, so that a write past the end of one shows. It keeps the alignment of 16. */
const GUARD_BYTES = 32;

type TypedArray =
  | Int8Array
  | Uint8Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array
  | BigInt64Array
  | BigUint64Array;

interface TypedArrayConstructor<T extends TypedArray> {
  new (buffer: ArrayBuffer): T;
  readonly BYTES_PER_ELEMENT: number;
}

/**
 * Lays a test's arrays out in an instance's memory:
 *
 *   heapBase                                                                end of memory
 *   ├───────┬──────────┬───────┬──────────┬───────┬──────────────────┬──────┤
 *   │ fill  │ region   │ fill  │ region   │ fill  │ free: fill       │ last │
 *   └───────┴──────────┴───────┴──────────┴───────┴──────────────────┴──────┘
 *
 * A new arena starts over, so a test makes one.
 */
export class Arena {
  readonly #memory: WebAssembly.Memory;
  readonly #base: number;
  readonly #regions: { readonly begin: number; readonly end: number }[] = [];
  #top: number;
  #limit = Number.POSITIVE_INFINITY;

  constructor({ memory, heapBase }: Pick<Kernels, "memory" | "heapBase">) {
    this.#memory = memory;
    this.#base = heapBase();
    this.#top = this.#base + GUARD_BYTES;
    new Uint8Array(memory.buffer, this.#base).fill(FILL);
  }

  /** Returns the address of `byteLength` bytes of garbage, aligned to 16. */
  take(byteLength: number): number {
    const begin = this.#top;
    this.#top = Math.ceil((begin + byteLength) / 16) * 16 + GUARD_BYTES;
    this.#reach(this.#top);
    this.#regions.push({ begin, end: begin + byteLength });
    return begin;
  }

  /** Returns the address of a copy of `array`, aligned to 16. */
  put(array: TypedArray): number {
    const address = this.take(array.byteLength);
    this.#write(address, array);
    return address;
  }

  /**
   * Returns the address of a copy of `array` whose last byte is the last of the memory, so that reading further traps.
   * An arena does this once.
   */
  putLast(array: TypedArray): number {
    if (this.#limit !== Number.POSITIVE_INFINITY) throw new RangeError("the end of the memory is taken");
    this.#reach(this.#top + array.byteLength);
    const end = this.#memory.buffer.byteLength;
    const begin = end - array.byteLength;
    this.#limit = begin;
    this.#regions.push({ begin, end });
    this.#write(begin, array);
    return begin;
  }

  /** Returns a copy of `length` elements at `address`. */
  read<T extends TypedArray>(type: TypedArrayConstructor<T>, address: number, length: number): T {
    return new type(this.#memory.buffer.slice(address, address + length * type.BYTES_PER_ELEMENT));
  }

  /** Returns the addresses outside the regions whose bytes have changed: none, if the kernels stayed inside. */
  strayWrites(): number[] {
    const bytes = new Uint8Array(this.#memory.buffer);
    const words = new Float64Array(this.#memory.buffer);
    const stray: number[] = [];
    let from = this.#base;
    const end = { begin: bytes.length, end: bytes.length };
    for (const { begin, end: next } of [...this.#regions.toSorted((a, b) => a.begin - b.begin), end]) {
      for (let at = from; at < begin; at++) {
        if (at % 8 === 0 && at + 8 <= begin && words[at / 8] === FILL_WORD) at += 7;
        else if (bytes[at] !== FILL) stray.push(at);
      }
      from = next;
    }
    return stray;
  }

  #write(address: number, array: TypedArray): void {
    const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
    new Uint8Array(this.#memory.buffer).set(bytes, address);
  }

  /** Makes `end` an address inside the memory. */
  #reach(end: number): void {
    if (end > this.#limit) throw new RangeError("the array at the end of the memory has to be put last");
    const before = this.#memory.buffer.byteLength;
    if (end <= before) return;
    this.#memory.grow(Math.ceil((end - before) / PAGE_BYTES));
    new Uint8Array(this.#memory.buffer, before).fill(FILL);
  }
}
