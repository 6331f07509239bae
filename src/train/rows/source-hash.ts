import { type Checksum, hex } from "../../bytes/sealed-header.ts";
import { bytesOf } from "../runtime/byte-chunks.ts";

const HASH_BLOCK_BYTES = 65536;

/** XXH64, chained over blocks of 64 KiB of the values and then of the biases. */
export interface SourceHash {
  /** Appends values. */
  add(values: Float32Array): void;
  /** Ends the values or the biases, with a block that need not be full. */
  endBlock(): void;
  /** Returns the hash as 16 hex digits. */
  digits(): string;
}

export function startSourceHash(checksum: Checksum): SourceHash {
  const block = new Uint8Array(HASH_BLOCK_BYTES);
  let filled = 0;
  let hash = 0n;
  const endBlock = (): void => {
    if (filled > 0) hash = checksum(block.subarray(0, filled), hash);
    filled = 0;
  };
  return {
    add(values) {
      const bytes = bytesOf(values);
      for (let at = 0; at < bytes.byteLength; ) {
        const part = bytes.subarray(at, at + HASH_BLOCK_BYTES - filled);
        block.set(part, filled);
        at += part.byteLength;
        filled += part.byteLength;
        if (filled === HASH_BLOCK_BYTES) endBlock();
      }
    },
    endBlock,
    digits: () => hex(hash),
  };
}
