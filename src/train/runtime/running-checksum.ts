import { type Arena, startArena } from "./arena.ts";
import type { TrainKernels } from "./kernels.ts";

/** The exports that the train module and the model module share. */
export type ChecksumKernels = Pick<TrainKernels, "memory" | "heapBase" | "startLanes" | "addToLanes" | "hashOfLanes">;

const LANES_BYTES = 32;
/** Bytes hashed at a time. It is a multiple of LANES_BYTES. */
const BLOCK_BYTES = 65536;

/** XXH64 of bytes that arrive in chunks. */
export interface RunningChecksum {
  add(bytes: Uint8Array): void;
  /** Returns the hash of all bytes. Nothing may be added afterwards. */
  value(): bigint;
}

/** Keeps its state in `arena`. Default: all memory above `heapBase()`. */
export function startChecksum(
  kernels: ChecksumKernels,
  seed: bigint,
  arena: Arena = startArena(kernels),
): RunningChecksum {
  const lanesPtr = arena.take(LANES_BYTES);
  const blockPtr = arena.take(BLOCK_BYTES);
  let filled = 0;
  let total = 0;
  kernels.startLanes(lanesPtr, seed);
  return {
    add(bytes) {
      const block = new Uint8Array(kernels.memory.buffer, blockPtr, BLOCK_BYTES);
      for (let at = 0; at < bytes.byteLength; ) {
        const part = bytes.subarray(at, at + BLOCK_BYTES - filled);
        block.set(part, filled);
        at += part.byteLength;
        filled += part.byteLength;
        if (filled < BLOCK_BYTES) break;
        kernels.addToLanes(lanesPtr, blockPtr, BLOCK_BYTES);
        filled = 0;
      }
      total += bytes.byteLength;
    },
    value() {
      const rest = filled % LANES_BYTES;
      kernels.addToLanes(lanesPtr, blockPtr, filled - rest);
      const restPtr = blockPtr + filled - rest;
      return BigInt.asUintN(64, kernels.hashOfLanes(lanesPtr, seed, BigInt(total), restPtr, rest));
    },
  };
}
