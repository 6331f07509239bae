import { Lists, Tables } from "./structs";

/**
 * Sets keys[b] to scores1[k1] + scores2[k2] + logDensities[b] of a query, as integers in the order of these numbers:
 * the logarithm of a bucket's mass per class, by which the head is chosen (assembly/head.ts). O(bucketCount).
 *
 * lists: Lists. scores: Tables of f32, in whose column `query` the scores are. keys: i32 (bucketCount).
 */
export function densityKeys(lists: usize, scores: usize, query: i32, keys: usize): void {
  const l = changetype<Lists>(lists), tables = changetype<Tables>(scores);
  const strideBytes = <usize>tables.width << 2, bits = l.bits, mask = (1 << bits) - 1;
  const codes = l.codes, logDensities = l.logDensities;
  const scores1 = tables.first + (<usize>query << 2), scores2 = tables.second + (<usize>query << 2);
  for (let b: usize = 0, end = <usize>l.bucketCount << 2; b < end; b += 4) {
    const code = load<i32>(codes + b);
    const score = load<f32>(scores1 + <usize>(code >> bits) * strideBytes)
      + load<f32>(scores2 + <usize>(code & mask) * strideBytes);
    const word = reinterpret<i32>(score + load<f32>(logDensities + b));
    store<i32>(keys + b, word ^ ((word >> 31) & i32.MAX_VALUE));
  }
}

const DIGIT_BITS: u32 = 11;
const DIGITS: usize = 1 << DIGIT_BITS;

/**
 * Sets flags[b] to 1 for the buckets of the head and to 0 for others, and returns the number of classes of the head.
 * Buckets enter by descending key, ties by lower bucket, until the first that would bring the head over `target`
 * classes. The first bucket is always taken. O(bucketCount).
 *
 * A radix search from the high digits down: the number of classes for each digit of the keys shows which digit the cut
 * is in.
 *
 * keys: i32 (bucketCount). counts: i32 (bucketCount), the classes of each bucket. tally: room for i32 (2^11). flags: u8
 * (bucketCount), written.
 */
export function chooseHead(keys: usize, counts: usize, bucketCount: i32, target: i32, tally: usize, flags: usize): i32 {
  memory.fill(flags, 0, <usize>bucketCount);
  const end = <usize>bucketCount << 2;
  // Buckets with a higher prefix are all taken. The cut is among those whose bits from `shift` up are `prefix`.
  let taken = 0;
  let prefix: u32 = 0, known: u32 = 0;
  let bitsLeft: u32 = 32;
  while (bitsLeft > 0) {
    const width = min(DIGIT_BITS, bitsLeft);
    const shift = bitsLeft - width;
    memory.fill(tally, 0, DIGITS << 2);
    for (let b: usize = 0; b < end; b += 4) {
      const key = ordered(keys + b);
      if ((key & known) != prefix) continue;
      const digit = tally + (((<usize>key >> shift) & ((1 << width) - 1)) << 2);
      store<i32>(digit, load<i32>(digit) + load<i32>(counts + b));
    }
    let digit: i32 = (1 << width) - 1;
    for (; digit > 0; digit--) {
      const classes = load<i32>(tally + (<usize>digit << 2));
      if (taken + classes > target) break;
      taken += classes;
    }
    prefix |= <u32>digit << shift;
    known |= ((1 << width) - 1) << shift;
    bitsLeft = shift;
  }
  const cutKey = prefix;
  for (let b: usize = 0; b < end; b += 4) {
    if (ordered(keys + b) > cutKey) store<u8>(flags + (b >> 2), 1);
  }
  for (let b: usize = 0; b < end; b += 4) {
    if (ordered(keys + b) != cutKey) continue;
    const classes = load<i32>(counts + b);
    if (taken > 0 && taken + classes > target) break;
    taken += classes;
    store<u8>(flags + (b >> 2), 1);
  }
  return taken;
}

/** Returns the key as an unsigned number in the same order. */
// @ts-ignore: decorator
@inline
function ordered(key: usize): u32 {
  return load<u32>(key) ^ 0x80000000;
}
