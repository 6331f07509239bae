import { Layout, Search } from "../layout";
import { queueByMass, scanQueue } from "./groups";
import { addScored, endProposal, removeCoded, scoreScattered } from "./query";

/**
 * Adds classes to the head that `propose` left: the `keep` best by fine codes that are not in it, of the groups with the
 * most mass a row in the tail, until `scan` rows are read. They stay in their buckets, whose masses no longer count them. log Q
 * has no meaning until the next `propose`. O(scan fineCount / 32), and O(D) for each class.
 *
 * `keep` must be at least 1 and at most HEAD_CODES.
 */
export function extendHead(layout: usize, scan: i32, keep: i32): void {
  const l = changetype<Layout>(layout);
  const s = changetype<Search>(l.search);
  markHead(l);
  queueByMass(l);
  const added = scanQueue(l, scan, keep, 0, l.taken);
  unmarkHead(l);
  const head = <i32>s.headCount;
  const positions = l.headPositions + (<usize>head << 2);
  sortInto(positions, l.reservoirPositions, added);
  scoreScattered(layout, positions, added, l.headScores + (<usize>head << 2));
  s.codedCount = <f64>added;
  s.scored += <f64>added;
  addScored(layout, added);
  removeCoded(layout);
  endProposal(layout);
}

/** Copies `count` positions, ascending. An insertion sort is enough: 16 are the rule. */
function sortInto(out: usize, positions: usize, count: i32): void {
  for (let i: usize = 0, bytes = <usize>count << 2; i < bytes; i += 4) {
    const position = load<i32>(positions + i);
    let p = out + i;
    for (; p > out && load<i32>(p - 4) > position; p -= 4) store<i32>(p, load<i32>(p - 4));
    store<i32>(p, position);
  }
}

/** Sets the bits in `taken` of all classes of the head's buckets. */
function markHead(l: Layout): void {
  for (let p = l.headBuckets, end = endOfHead(l); p < end; p += 4) {
    const offset = l.bucketOffsets + (<usize>load<i32>(p) << 2);
    const first = load<i32>(offset), last = load<i32>(offset, 4) - 1;
    const lastWord = wordOf(l, last);
    let word = wordOf(l, first), bits: u32 = ~0 << (first & 31);
    for (; word < lastWord; word += 4, bits = ~0) store<u32>(word, load<u32>(word) | bits);
    store<u32>(word, load<u32>(word) | (bits & (<u32>~0 >> (31 - (last & 31)))));
  }
}

/** Clears all words of `taken` that markHead wrote. */
function unmarkHead(l: Layout): void {
  for (let p = l.headBuckets, end = endOfHead(l); p < end; p += 4) {
    const offset = l.bucketOffsets + (<usize>load<i32>(p) << 2);
    const lastWord = wordOf(l, load<i32>(offset, 4) - 1);
    for (let word = wordOf(l, load<i32>(offset)); word <= lastWord; word += 4) store<u32>(word, 0);
  }
}

/** Returns the address behind the last of headBuckets. */
// @ts-ignore: decorator
@inline
function endOfHead(l: Layout): usize {
  return l.headBuckets + (<usize>changetype<Search>(l.search).headBucketCount << 2);
}

/** Returns the address of the word of `taken` with the bit of the class at `position`. */
// @ts-ignore: decorator
@inline
function wordOf(l: Layout, position: i32): usize {
  return l.taken + (<usize>(position >> 5) << 2);
}
