import { BLOCK_SLOTS, SHARE_BITS } from "../src/abi";
import { lastAtMost } from "./bisect";
import { Layout, Search } from "./layout";
import { ALL_SHARES, ensureShares, shareStart } from "./shares";
import { sumBlock, sumGroups, unitsOf } from "./tail";

// Classes that entered the head by their fine codes, though their buckets are in the tail (scan/extend.ts): the last
// codedCount of headPositions, ascending. No draw may meet them, because the head counts them already.

/** Removes the masses of these classes from the tail that is in place (sumTail). O(codedCount log B + blocks). */
export function removeCoded(layout: usize): void {
  const l = changetype<Layout>(layout);
  const end = endOfCoded(l);
  let bucketEnd = -1;
  for (let p = firstCoded(l); p < end; p += 4) {
    const position = load<i32>(p);
    if (position < bucketEnd) continue; // the class before was of the same bucket
    const bucket = lastAtMost<i32>(l.bucketOffsets, l.bucketCount, position);
    bucketEnd = load<i32>(l.bucketOffsets + (<usize>bucket << 2), 4);
    ensureShares(l, bucket);
    const slot = load<i32>(l.bucketSlots + (<usize>bucket << 2));
    const mass = l.slotMasses + (<usize>slot << 2);
    const left = <f64>drawnUnits(l, p, bucketEnd) / <f64>ALL_SHARES;
    store<f32>(mass, <f32>(<f64>load<f32>(mass) * left));
    sumBlock(l, slot / BLOCK_SLOTS);
  }
  sumGroups(l);
}

/** Returns the sum of the shares of the coded classes from `p` on, of a bucket that ends at the position `end`. */
function codedUnits(l: Layout, p: usize, end: i32): u32 {
  let units: u32 = 0;
  for (const last = endOfCoded(l); p < last && load<i32>(p) < end; p += 4) units += unitsOf(l, load<i32>(p), end);
  return units;
}

/** Returns the sum of the shares of the other classes of that bucket, which a draw takes. */
export function drawnUnits(l: Layout, p: usize, end: i32): u32 {
  return ALL_SHARES - codedUnits(l, p, end);
}

/** Returns the address of the first coded class from `p` on that is not before `bucket`. For ascending buckets it goes on. */
export function codedFrom(l: Layout, p: usize, bucket: i32): usize {
  const first = load<i32>(l.bucketOffsets + (<usize>bucket << 2));
  for (const last = endOfCoded(l); p < last && load<i32>(p) < first; ) p += 4;
  return p;
}

/**
 * Returns the number by which positionIn takes a class of `bucket` that is not coded: the shares of these classes are laid end to
 * end, and `random` falls into one of them. `p` is that of codedFrom. The bucket must have such a class, and its shares must be in
 * place.
 */
export function besideCoded(l: Layout, p: usize, bucket: i32, random: u32): u32 {
  const end = load<i32>(l.bucketOffsets + (<usize>bucket << 2), 4), last = endOfCoded(l);
  if (p == last || load<i32>(p) >= end) return random;
  let unit = <u32>((<u64>drawnUnits(l, p, end) * <u64>random) >> 32);
  for (; p < last && load<i32>(p) < end; p += 4) {
    const position = load<i32>(p);
    if (unit < shareStart(l, position)) break;
    unit += unitsOf(l, position, end);
  }
  return unit << (32 - SHARE_BITS);
}

/** Returns the address of the first coded class. */
export function firstCoded(l: Layout): usize {
  return endOfCoded(l) - (<usize>changetype<Search>(l.search).codedCount << 2);
}

/** Returns the address behind the last coded class. */
export function endOfCoded(l: Layout): usize {
  return l.headPositions + (<usize>changetype<Search>(l.search).headCount << 2);
}
