import { type Checksum, hex } from "../format.ts";

const HASH_BLOCK_BYTES = 65536;

/** XXH64 chained over 64 KiB blocks of the values, then of the biases; 16 hex digits. */
export function hashSource(checksum: Checksum, data: Float32Array, bias: Float32Array | undefined): string {
  let hash = 0n;
  for (const values of bias ? [data, bias] : [data]) {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    for (let at = 0; at < bytes.byteLength; at += HASH_BLOCK_BYTES) {
      hash = checksum(bytes.subarray(at, at + HASH_BLOCK_BYTES), hash);
    }
  }
  return hex(hash);
}
