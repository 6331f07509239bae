import type { Checksum } from "../bytes/sealed-header.ts";
import { grow } from "./grow.ts";
import type { QueryKernels } from "./kernels.ts";

type ChecksumKernels = Pick<QueryKernels, "memory" | "heapBase" | "xxh64">;

/** Returns XXH64 by an instance. Bytes in its memory are hashed in place, and others after a copy to `scratch`. */
export function checksumWith(kernels: ChecksumKernels, scratch: number = kernels.heapBase()): Checksum {
  return (bytes, seed) => {
    let address = bytes.byteOffset;
    if (bytes.buffer !== kernels.memory.buffer) {
      address = scratch;
      grow(kernels, scratch + bytes.byteLength);
      new Uint8Array(kernels.memory.buffer).set(bytes, scratch);
    }
    return BigInt.asUintN(64, kernels.xxh64(address, bytes.byteLength, seed));
  };
}
