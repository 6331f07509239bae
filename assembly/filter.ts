import { Layout } from "./layout";

/** Returns whether the class at `position` is outside of the bitmap that thins out heads and draws. */
export function isThinnedOut(l: Layout, position: i32): bool {
  if (!l.thinned) return false;
  const id = load<u32>(l.ids + (<usize>position << 2));
  return ((load<u8>(l.thinned + <usize>(id >> 3)) >> (<u8>id & 7)) & 1) == 0;
}

/** Returns whether the class at `position` is excluded. Without a filter no class is. */
// @ts-ignore: decorator
@inline
export function isExcluded(l: Layout, position: i32): bool {
  return l.excluded != 0 && ((load<u8>(l.excluded + <usize>(position >> 3)) >> (position & 7)) & 1) != 0;
}

/** Returns whether the class at `position` is left out of the answer, in either way. */
// @ts-ignore: decorator
@inline
export function isLeftOut(l: Layout, position: i32): bool {
  return isExcluded(l, position) || isThinnedOut(l, position);
}

/** Returns those of `lanes`, a bit for each of the four classes from `position` on, whose classes are not left out. */
export function lanesLeft(l: Layout, position: i32, lanes: i32): i32 {
  for (let rest = lanes; rest; rest &= rest - 1) {
    const lane = ctz(rest);
    if (isLeftOut(l, position + lane)) lanes &= ~(1 << lane);
  }
  return lanes;
}

/**
 * Writes the positions from `first` up to but not including `end` to `out`, ascending, and returns the address behind
 * the last. There must be at least one. Positions are written four at a time, so up to three more are written behind
 * the end.
 */
// @ts-ignore: decorator
@inline
export function listRange(first: i32, end: i32, out: usize): usize {
  let left = end - first;
  let four = i32x4.add(i32x4.splat(first), i32x4(0, 1, 2, 3));
  v128.store(out, four);
  for (; left > 4; left -= 4) {
    out += 16;
    four = i32x4.add(four, i32x4.splat(4));
    v128.store(out, four);
  }
  return out + (<usize>left << 2);
}

/**
 * Writes the positions from `first` up to but not including `end` that are neither excluded nor thinned out to `out`,
 * ascending, and returns the address behind the last. O(end - first). `out` needs room for end - first positions rounded up to
 * 4.
 */
export function listPositions(layout: usize, first: i32, end: i32, out: usize): usize {
  const l = changetype<Layout>(layout);
  if (l.thinned) {
    for (let position = first; position < end; position++) {
      store<i32>(out, position); // stays only if `out` advances
      out += isThinnedOut(l, position) ? 0 : 4;
    }
    return out;
  }
  if (!l.excluded) return first < end ? listRange(first, end, out) : out;
  // A step for each class that is left, and none for the others: a small `allow` leaves few.
  for (let start = first & ~63; start < end; start += 64) {
    let left = ~load<u64>(l.excluded + <usize>(start >> 3));
    if (start < first) left &= ~<u64>0 << <u64>(first - start);
    if (end - start < 64) left &= (<u64>1 << <u64>(end - start)) - 1;
    for (; left; left &= left - 1, out += 4) store<i32>(out, start + <i32>ctz(left));
  }
  return out;
}
