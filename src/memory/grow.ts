import type { Kernels } from "./kernels.ts";

const PAGE_BYTES = 65536;

/** Grows the memory of an instance to `totalBytes`. RangeError if the runtime refuses. */
export function grow({ memory }: Pick<Kernels, "memory">, totalBytes: number): void {
  const missing = Math.ceil((totalBytes - memory.buffer.byteLength) / PAGE_BYTES);
  if (missing <= 0) return;
  try {
    memory.grow(missing);
  } catch {
    throw new RangeError(`index needs ${totalBytes} bytes of memory; the runtime refused to grow by ${missing} pages`);
  }
}
