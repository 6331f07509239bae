import type { Checksum } from "./format.ts";
import type { Kernels } from "./kernels.ts";
import { grow } from "./memory.ts";

/** XXH64 by an instance, of bytes that lie outside its memory: they are copied to the start of its heap. */
export function checksumWith(kernels: Kernels): Checksum {
  return (bytes, seed) => {
    grow(kernels, kernels.heapBase() + bytes.byteLength);
    new Uint8Array(kernels.memory.buffer).set(bytes, kernels.heapBase());
    return BigInt.asUintN(64, kernels.xxh64(kernels.heapBase(), bytes.byteLength, seed));
  };
}
