import type { TrainKernels } from "./kernels.ts";

const PAGE_BYTES = 65536;

/**
 * Allocates regions of an instance's memory, one after another from `heapBase()` up, each aligned to 16 bytes.
 *
 * `take` may grow the memory, which detaches every earlier view. So make views where they are used.
 */
export interface Arena {
  /** Returns the address of a new region of `byteLength` bytes with undefined content. */
  take(byteLength: number): number;
  /** Returns an arena over the bytes from here on. Arenas that are nested one after the other use the same bytes. */
  nest(): Arena;
  /** Returns the address of a new region for a struct of a kernel and writes `fields` to it. */
  struct(byteLength: number, fields: Fields): number;
  /** Writes fields of the struct at `address`. */
  set(address: number, fields: Fields): void;
  f32(address: number, length: number): Float32Array;
  f64(address: number, length: number): Float64Array;
  i32(address: number, length: number): Int32Array;
  u16(address: number, length: number): Uint16Array;
  u8(address: number, length: number): Uint8Array;
}

/** Addresses and counts by the offsets of their fields in a struct (build/structs.ts). */
export type Fields = Readonly<Record<number, number>>;

/** Grows a memory by some bytes, or throws a RangeError. */
function grow(memory: WebAssembly.Memory, missing: number): void {
  try {
    memory.grow(Math.ceil(missing / PAGE_BYTES));
  } catch {
    const gibibytes = ((memory.buffer.byteLength + missing) / 2 ** 30).toFixed(1);
    const remedy = "fewer classes, vectors of fewer values, smaller batches and fewer draws need less";
    throw new RangeError(`${gibibytes} GiB of memory or more are needed, and the runtime gives no more: ${remedy}`);
  }
}

export function startArena(kernels: Pick<TrainKernels, "memory" | "heapBase">): Arena {
  return arenaFrom(kernels.memory, kernels.heapBase());
}

function arenaFrom(memory: WebAssembly.Memory, base: number): Arena {
  let top = base;
  const take = (byteLength: number): number => {
    const address = top;
    top += Math.ceil(byteLength / 16) * 16;
    const missing = top - memory.buffer.byteLength;
    if (missing > 0) grow(memory, missing);
    return address;
  };
  const set = (address: number, fields: Fields): void => {
    const view = new DataView(memory.buffer, address);
    for (const [offset, value] of Object.entries(fields)) view.setUint32(Number(offset), value, true);
  };
  return {
    take,
    set,
    struct(byteLength, fields) {
      const address = take(byteLength);
      set(address, fields);
      return address;
    },
    nest: () => arenaFrom(memory, top),
    f32: (address, length) => new Float32Array(memory.buffer, address, length),
    f64: (address, length) => new Float64Array(memory.buffer, address, length),
    i32: (address, length) => new Int32Array(memory.buffer, address, length),
    u16: (address, length) => new Uint16Array(memory.buffer, address, length),
    u8: (address, length) => new Uint8Array(memory.buffer, address, length),
  };
}
