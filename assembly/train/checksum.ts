import { finish, firstLane, fourthLane, joinLanes, round, secondLane, withoutLanes } from "../checksum";

// XXH64 of bytes that arrive in pieces. `lanes`, u64 (4), keeps the state between the calls.

/** Sets the lanes to their start for `seed`. */
export function startLanes(lanes: usize, seed: u64): void {
  store<u64>(lanes, firstLane(seed));
  store<u64>(lanes, secondLane(seed), 8);
  store<u64>(lanes, seed, 16);
  store<u64>(lanes, fourthLane(seed), 24);
}

/** Adds the next `byteCount` bytes to the lanes. `byteCount` must be a multiple of 32. O(byteCount). */
export function addToLanes(lanes: usize, bytes: usize, byteCount: i32): void {
  let lane0 = load<u64>(lanes), lane1 = load<u64>(lanes, 8), lane2 = load<u64>(lanes, 16), lane3 = load<u64>(lanes, 24);
  for (const end = bytes + <usize>byteCount; bytes < end; bytes += 32) {
    lane0 = round(lane0, load<u64>(bytes));
    lane1 = round(lane1, load<u64>(bytes, 8));
    lane2 = round(lane2, load<u64>(bytes, 16));
    lane3 = round(lane3, load<u64>(bytes, 24));
  }
  store<u64>(lanes, lane0);
  store<u64>(lanes, lane1, 8);
  store<u64>(lanes, lane2, 16);
  store<u64>(lanes, lane3, 24);
}

/**
 * Returns the hash of `totalBytes` bytes. The last `restCount` of them, fewer than 32, are at `rest` and not in the
 * lanes. `seed` must be that of startLanes.
 */
export function hashOfLanes(lanes: usize, seed: u64, totalBytes: u64, rest: usize, restCount: i32): u64 {
  const hash =
    totalBytes >= 32
      ? joinLanes(load<u64>(lanes), load<u64>(lanes, 8), load<u64>(lanes, 16), load<u64>(lanes, 24))
      : withoutLanes(seed);
  return finish(hash + totalBytes, rest, rest + <usize>restCount);
}
