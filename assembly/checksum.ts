// XXH64: https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md

const PRIME_1: u64 = 0x9e3779b185ebca87;
const PRIME_2: u64 = 0xc2b2ae3d27d4eb4f;
const PRIME_3: u64 = 0x165667b19e3779f9;
const PRIME_4: u64 = 0x85ebca77c2b2ae63;
const PRIME_5: u64 = 0x27d4eb2f165667c5;

/** Adds eight bytes to a lane. */
// @ts-ignore: decorator
@inline
export function round(lane: u64, input: u64): u64 {
  return rotl(lane + input * PRIME_2, 31) * PRIME_1;
}

function merge(hash: u64, lane: u64): u64 {
  return (hash ^ round(0, lane)) * PRIME_1 + PRIME_4;
}

/**
 * Returns the start of the first of four lanes. The second starts at seed + PRIME_2, the third at the seed, the fourth
 * at seed - PRIME_1.
 */
// @ts-ignore: decorator
@inline
export function firstLane(seed: u64): u64 {
  return seed + PRIME_1 + PRIME_2;
}

/** Returns the start of the second lane. */
// @ts-ignore: decorator
@inline
export function secondLane(seed: u64): u64 {
  return seed + PRIME_2;
}

/** Returns the start of the fourth lane. */
// @ts-ignore: decorator
@inline
export function fourthLane(seed: u64): u64 {
  return seed - PRIME_1;
}

/** Joins the four lanes to one hash. */
// @ts-ignore: decorator
@inline
export function joinLanes(lane0: u64, lane1: u64, lane2: u64, lane3: u64): u64 {
  const hash = rotl(lane0, 1) + rotl(lane1, 7) + rotl(lane2, 12) + rotl(lane3, 18);
  return merge(merge(merge(merge(hash, lane0), lane1), lane2), lane3);
}

/** Returns the hash that stands for the lanes of an input of fewer than 32 bytes. */
// @ts-ignore: decorator
@inline
export function withoutLanes(seed: u64): u64 {
  return seed + PRIME_5;
}

/** Returns XXH64 of `byteCount` bytes (read as u32) at any alignment. O(byteCount). */
export function xxh64(bytes: usize, byteCount: i32, seed: u64): u64 {
  const count = <usize>byteCount, end = bytes + count;
  let hash: u64;
  if (count >= 32) {
    let lane0 = firstLane(seed), lane1 = secondLane(seed), lane2 = seed, lane3 = fourthLane(seed);
    for (const last = end - 32; bytes <= last; bytes += 32) {
      lane0 = round(lane0, load<u64>(bytes));
      lane1 = round(lane1, load<u64>(bytes, 8));
      lane2 = round(lane2, load<u64>(bytes, 16));
      lane3 = round(lane3, load<u64>(bytes, 24));
    }
    hash = joinLanes(lane0, lane1, lane2, lane3);
  } else {
    hash = withoutLanes(seed);
  }
  return finish(hash + <u64>count, bytes, end);
}

/** Adds the last bytes, fewer than 32, and applies the final mix. */
// @ts-ignore: decorator
@inline
export function finish(hash: u64, bytes: usize, end: usize): u64 {
  for (; bytes + 8 <= end; bytes += 8) hash = rotl(hash ^ round(0, load<u64>(bytes)), 27) * PRIME_1 + PRIME_4;
  if (bytes + 4 <= end) {
    hash = rotl(hash ^ (<u64>load<u32>(bytes) * PRIME_1), 23) * PRIME_2 + PRIME_3;
    bytes += 4;
  }
  for (; bytes < end; bytes++) hash = rotl(hash ^ (<u64>load<u8>(bytes) * PRIME_5), 11) * PRIME_1;
  hash = (hash ^ (hash >> 33)) * PRIME_2;
  hash = (hash ^ (hash >> 29)) * PRIME_3;
  return hash ^ (hash >> 32);
}
