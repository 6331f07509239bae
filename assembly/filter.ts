import { Layout } from "./layout";

/** Returns the bit with this number of bits that lie lowest first. */
// @ts-ignore: decorator
@inline
export function bitAt(bits: usize, number: u32): u32 {
  return (<u32>load<u8>(bits + <usize>(number >> 3)) >> (number & 7)) & 1;
}

/** Returns whether any class may be left out of the answer, in either way. */
// @ts-ignore: decorator
@inline
export function isFiltered(l: Layout): bool {
  return (l.excluded | l.thinned | l.thinnedBits) != 0;
}

/** Returns whether the class at `position` is thinned out: outside of the bitmap of the call, or in its list of excluded classes. */
export function isThinnedOut(l: Layout, position: i32): bool {
  if (l.thinnedBits) return bitAt(l.thinnedBits, position) != 0;
  if (!l.thinned) return false;
  return bitAt(l.thinned, load<u32>(l.ids + (<usize>position << 2))) == 0;
}

/** Returns whether the class at `position` is excluded. Without a filter no class is. */
// @ts-ignore: decorator
@inline
export function isExcluded(l: Layout, position: i32): bool {
  return l.excluded != 0 && bitAt(l.excluded, position) != 0;
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

/** Returns the bits of the 57 positions from `first` on, or more: set where the class is left out, but not by a bitmap. */
// @ts-ignore: decorator
@inline
function bitsFrom(l: Layout, first: i32): u64 {
  const byte = <usize>(first >> 3);
  let bits = l.excluded ? load<u64>(l.excluded + byte) : 0;
  if (l.thinnedBits) bits |= load<u64>(l.thinnedBits + byte);
  return bits >> <u64>(first & 7);
}

/** Returns whether all of 128 bits are set. */
// @ts-ignore: decorator
@inline
function areSet(bits: v128): bool {
  return !v128.any_true(v128.not(bits));
}

/**
 * Writes the positions from `first` up to but not including `end` that are neither excluded nor thinned out to `out`,
 * ascending, and returns the address behind the last. O(end - first). `out` needs room for these positions and SLACK more.
 */
export function listPositions(layout: usize, first: i32, end: i32, out: usize): usize {
  const l = changetype<Layout>(layout);
  if (l.thinned) {
    const ids = l.ids, bitmap = l.thinned;
    for (let position = first; position < end; position++) {
      store<i32>(out, position); // stays only if `out` advances
      out += <usize>bitAt(bitmap, load<u32>(ids + (<usize>position << 2))) << 2;
    }
    return out;
  }
  if (first >= end) return out;
  // Most buckets have few classes, and with a list of excluded ones all are left in most buckets.
  const isClear = end - first <= 57 && !(bitsFrom(l, first) & ((<u64>1 << <u64>(end - first)) - 1));
  if (isClear || !(l.excluded | l.thinnedBits)) return listRange(first, end, out);
  // A small `allow` leaves few classes: no step for the others, nearly none for words without one, and no branch for up to four
  // of a word.
  for (let start = first & ~63; start < end; start += 64) {
    let left = ~bitsFrom(l, start);
    if (start < first) left &= ~<u64>0 << <u64>(first - start);
    if (end - start < 64) left &= (<u64>1 << <u64>(end - start)) - 1;
    if (!left && l.excluded) {
      while (start + 192 <= end && areSet(v128.load(l.excluded + <usize>(start >> 3), 8))) start += 128;
      continue;
    }
    const count = <i32>popcnt(left);
    if (count > 4) {
      for (; left; left &= left - 1, out += 4) store<i32>(out, start + <i32>ctz(left));
      continue;
    }
    for (let i: usize = 0; i < 16; i += 4, left &= left - 1) store<i32>(out + i, start + <i32>ctz(left));
    out += <usize>count << 2;
  }
  return out;
}
