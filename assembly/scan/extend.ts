import { lastAtMost } from "../bisect";
import { Layout, Search } from "../layout";
import { endProposal, scoreScattered, sumScored } from "./query";
import { scanBest } from "./top";

/**
 * Adds the `keep` best classes by fine codes of `scan` rows to the head that `propose` left, except those that are in it
 * already. They stay in their buckets, so draws still propose them (estimateTail, which must follow, allows for that). log Q
 * has no meaning until the next `propose`. O(scan fineCount / 32), and O(D + log B) for each class.
 *
 * `keep` must be at most HEAD_CODES.
 */
export function extendHead(layout: usize, scan: i32, keep: i32): void {
  const l = changetype<Layout>(layout);
  const s = changetype<Search>(l.search);
  const found = scanBest(layout, scan, keep);
  restoreSubScores(l);
  const head = <i32>s.headCount;
  const positions = l.headPositions + (<usize>head << 2);
  let added = 0;
  for (let i = 0; i < found; i++) {
    const position = load<i32>(l.reservoirPositions + (<usize>i << 2));
    if (isInHead(l, position)) continue;
    store<i32>(positions + (<usize>added << 2), position);
    added++;
    const taken = l.taken + <usize>(position >> 3);
    store<u8>(taken, load<u8>(taken) | (1 << (<u8>position & 7)));
  }
  scoreScattered(layout, positions, added, l.headScores + (<usize>head << 2));
  s.codedCount = <f64>added;
  s.scored += <f64>added;
  sumScored(layout, head + added);
  endProposal(layout);
}

/** Divides subScores1 by the temperature, which the scan of the codes computes without it. */
function restoreSubScores(l: Layout): void {
  const scale = f32x4.splat(l.inverseTemperature);
  for (let o: usize = 0, end = <usize>l.codewordCount << 2; o < end; o += 16) {
    v128.store(l.subScores1 + o, f32x4.mul(v128.load(l.subScores1 + o), scale));
  }
}

/** Returns whether the class at `position`, which is not an outlier, is in a bucket of the head. */
function isInHead(l: Layout, position: i32): bool {
  const bucket = lastAtMost<i32>(l.bucketOffsets, l.bucketCount, position);
  const found = lastAtMost<i32>(l.headBuckets, <i32>changetype<Search>(l.search).headBucketCount, bucket);
  return found >= 0 && load<i32>(l.headBuckets + (<usize>found << 2)) == bucket;
}
