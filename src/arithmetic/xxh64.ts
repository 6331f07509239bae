// XXH64 (https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md) without WebAssembly, with the results of the kernel,
// for files that are read where no kernels are.

const PRIME_1 = 0x9e3779b185ebca87n;
const PRIME_2 = 0xc2b2ae3d27d4eb4fn;
const PRIME_3 = 0x165667b19e3779f9n;
const PRIME_4 = 0x85ebca77c2b2ae63n;
const PRIME_5 = 0x27d4eb2f165667c5n;

/** The halves of the primes by which whole stripes are multiplied. */
const [LOW_1, HIGH_1, LOW_2, HIGH_2] = [0x85ebca87, 0x9e3779b1, 0x27d4eb4f, 0xc2b2ae3d];

const u64 = (value: bigint): bigint => BigInt.asUintN(64, value);
const rotated = (value: bigint, bits: bigint): bigint => u64((value << bits) | (value >> (64n - bits)));
const round = (sum: bigint, lane: bigint): bigint => u64(rotated(u64(sum + u64(lane * PRIME_2)), 31n) * PRIME_1);
const merged = (hash: bigint, sum: bigint): bigint => u64(u64((hash ^ round(0n, sum)) * PRIME_1) + PRIME_4);

/**
 * Adds all whole stripes of 32 bytes to four sums, each of which is its lower half and its upper half. Returns the place behind
 * them. Halves of 32 bits take a fifth of the time of BigInt, or less.
 */
function addStripes(view: DataView, sums: Int32Array): number {
  const end = view.byteLength - (view.byteLength % 32);
  for (let at = 0; at < end; at += 8) {
    const sum = (at % 32) / 4;
    const [low, high] = [view.getInt32(at, true), view.getInt32(at + 4, true)];
    const added = Math.imul(low, LOW_2);
    const addedHigh = highOf(low, LOW_2) + Math.imul(high, LOW_2) + Math.imul(low, HIGH_2);
    const total = ((sums[sum] as number) >>> 0) + (added >>> 0);
    const totalHigh = (sums[sum + 1] as number) + addedHigh + (total > 0xffffffff ? 1 : 0);
    const turned = (total << 31) | (totalHigh >>> 1);
    const turnedHigh = (totalHigh << 31) | ((total | 0) >>> 1);
    sums[sum] = Math.imul(turned, LOW_1);
    sums[sum + 1] = highOf(turned, LOW_1) + Math.imul(turnedHigh, LOW_1) + Math.imul(turned, HIGH_1);
  }
  return end;
}

/** Returns the upper half of the product of two unsigned numbers of 32 bits. */
function highOf(a: number, b: number): number {
  const [a0, a1, b0, b1] = [a & 0xffff, a >>> 16, b & 0xffff, b >>> 16];
  const low = a1 * b0 + ((a0 * b0) >>> 16);
  const middle = a0 * b1 + (low & 0xffff);
  return (a1 * b1 + (low >>> 16) + (middle >>> 16)) | 0;
}

/** Returns the XXH64 of bytes with a seed. */
export function xxh64(bytes: Uint8Array, seed: bigint): bigint {
  const { byteLength } = bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset, byteLength);
  let at = 0;
  let hash = u64(seed + PRIME_5);
  if (byteLength >= 32) {
    const start = [seed + PRIME_1 + PRIME_2, seed + PRIME_2, seed, seed - PRIME_1].map(u64);
    const sums = new BigUint64Array(start);
    at = addStripes(view, new Int32Array(sums.buffer));
    const [a, b, c, d] = sums as unknown as [bigint, bigint, bigint, bigint];
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
