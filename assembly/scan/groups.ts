import { siftDown, siftUp } from "../heap";
import { Layout, Search } from "../layout";
import { groupStart, scanCodes } from "./codes";
import { dotRows } from "./query";
import { keepBest } from "./reservoir";
import { fineTables } from "./tables";

/**
 * Computes groupStarts and groupTops: the first position of the rows of each first codeword, and the largest of their biases.
 * O(N + B + K). The buckets must be in place (bucketCodes, bucketOffsets).
 */
export function layOutGroups(layout: usize): void {
  const l = changetype<Layout>(layout);
  let bucket = 0;
  for (let group = 0; group <= l.codewordCount; group++) {
    while (bucket < l.bucketCount && load<i32>(l.bucketCodes + (<usize>bucket << 2)) >> l.bits < group) bucket++;
    store<i32>(l.groupStarts + (<usize>group << 2), load<i32>(l.bucketOffsets + (<usize>bucket << 2)));
  }
  for (let group = 0; group < l.codewordCount; group++) {
    let top: f32 = 0;
    if (l.bias) {
      const first = groupStart(l, group), end = groupStart(l, group + 1);
      top = -f32.MAX_VALUE;
      for (let i = first; i < end; i++) top = max(top, load<f32>(l.bias + (<usize>i << 2)));
    }
    store<f32>(l.groupTops + (<usize>group << 2), top);
  }
}

/**
 * Makes the queue of groups that have a row and returns their number. The best group comes first, by the product of its
 * first codeword and the query (in subScores1) plus its largest bias. O(K D).
 */
function queueGroups(l: Layout): i32 {
  dotRows(l.subQuery1, l.codebook1, l.codewordCount, l.codewordBytes1, l.subScores1);
  let count = 0;
  for (let group = 0; group < l.codewordCount; group++) {
    if (groupStart(l, group) == groupStart(l, group + 1)) continue;
    const score = load<f32>(l.subScores1 + (<usize>group << 2)) + load<f32>(l.groupTops + (<usize>group << 2));
    siftUp<f32>(l.queueScores, l.queueGroups, count++, -score, group); // the root of a heap is its lowest score
  }
  return count;
}

/** Removes the best group from a queue of `count` groups and returns it. */
function takeGroup(l: Layout, count: i32): i32 {
  const group = load<i32>(l.queueGroups);
  const last = <usize>(count - 1) << 2;
  if (count > 1) {
    siftDown<f32>(l.queueScores, l.queueGroups, count - 1, load<f32>(l.queueScores + last), load<i32>(l.queueGroups + last));
  }
  return group;
}

/**
 * Scans the codes of the best groups until at least `scan` rows are read. Leaves the best `keep` rows by approximate
 * score in the reservoir and returns how many there are. If more rows were scanned, reservoirFloor is the smallest key
 * among these. `out` is that of scanCodes.
 *
 * The query must be prepared, and the groups must be in place (layOutGroups).
 */
export function scanGroups(l: Layout, scan: i32, keep: i32, out: usize): i32 {
  const s = changetype<Search>(l.search);
  s.reservoirFloor = <f64>i32.MIN_VALUE;
  s.coded = 0;
  if (keep <= 0) return 0;
  fineTables(changetype<usize>(l));
  s.groupsLeft = <f64>queueGroups(l);
  return scanOn(l, scan, keep, 0, out);
}

/**
 * Continues a scan that read fewer than `scan` rows, until it has read as many. The reservoir must hold the `count` rows that
 * it left, in their order, and `keep` must be the same. It leaves what a scan from the start leaves.
 */
export function scanOn(l: Layout, scan: i32, keep: i32, count: i32, out: usize): i32 {
  const s = changetype<Search>(l.search);
  const layout = changetype<usize>(l);
  let coded = <i32>s.coded, groups = <i32>s.groupsLeft;
  for (; groups > 0 && coded < scan; groups--) {
    const group = takeGroup(l, groups);
    count = scanCodes(layout, group, count, keep, out);
    coded += groupStart(l, group + 1) - groupStart(l, group);
  }
  if (count > keep) {
    s.reservoirFloor = <f64>keepBest(layout, count, keep);
    count = keep;
  }
  s.coded = <f64>coded;
  s.groupsLeft = <f64>groups;
  return count;
}
