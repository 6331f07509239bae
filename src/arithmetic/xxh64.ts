// XXH64 (https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md) without WebAssembly, with the results of the kernel,
// for files that are read where no kernels are.

const PRIME_1 = 0x9e3779b185ebca87n;
const PRIME_2 = 0xc2b2ae3d27d4eb4fn;
const PRIME_3 = 0x165667b19e3779f9n;
const PRIME_4 = 0x85ebca77c2b2ae63n;
const PRIME_5 = 0x27d4eb2f165667c5n;

const u64 = (value: bigint): bigint => BigInt.asUintN(64, value);
const rotated = (value: bigint, bits: bigint): bigint => u64((value << bits) | (value >> (64n - bits)));
const round = (sum: bigint, lane: bigint): bigint => u64(rotated(u64(sum + u64(lane * PRIME_2)), 31n) * PRIME_1);
const merged = (hash: bigint, sum: bigint): bigint => u64(u64((hash ^ round(0n, sum)) * PRIME_1) + PRIME_4);

/** Returns the XXH64 of bytes with a seed. */
export function xxh64(bytes: Uint8Array, seed: bigint): bigint {
  const { byteLength } = bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset, byteLength);
  let at = 0;
  let hash = u64(seed + PRIME_5);
  if (byteLength >= 32) {
    let [a, b, c, d] = [u64(seed + PRIME_1 + PRIME_2), u64(seed + PRIME_2), u64(seed), u64(seed - PRIME_1)];
    for (; at + 32 <= byteLength; at += 32) {
      a = round(a, view.getBigUint64(at, true));
      b = round(b, view.getBigUint64(at + 8, true));
      c = round(c, view.getBigUint64(at + 16, true));
      d = round(d, view.getBigUint64(at + 24, true));
    }
    hash = u64(rotated(a, 1n) + rotated(b, 7n) + rotated(c, 12n) + rotated(d, 18n));
    for (const sum of [a, b, c, d]) hash = merged(hash, sum);
  }
  hash = u64(hash + BigInt(byteLength));
  for (; at + 8 <= byteLength; at += 8) {
    hash = u64(rotated(hash ^ round(0n, view.getBigUint64(at, true)), 27n) * PRIME_1 + PRIME_4);
  }
  if (at + 4 <= byteLength) {
    hash = u64(rotated(hash ^ u64(BigInt(view.getUint32(at, true)) * PRIME_1), 23n) * PRIME_2 + PRIME_3);
    at += 4;
  }
  for (; at < byteLength; at++) {
    hash = u64(rotated(hash ^ u64(BigInt(view.getUint8(at)) * PRIME_5), 11n) * PRIME_1);
  }
  hash = u64((hash ^ (hash >> 33n)) * PRIME_2);
  hash = u64((hash ^ (hash >> 29n)) * PRIME_3);
  return hash ^ (hash >> 32n);
}
