import { maxOf } from "../lanes";
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

/** Computes products1, the products of the prepared query with the first codewords. O(K D). */
export function groupProducts(l: Layout): void {
  dotRows(l.subQuery1, l.codebook1, l.codewordCount, l.codewordBytes1, l.products1);
}

/** Queues all groups by the largest score that a row without a residual could have, from products1. O(K). */
function queueByScore(l: Layout): void {
  for (let o: usize = 0, end = <usize>l.codewordCount << 2; o < end; o += 16) {
    const scores = f32x4.add(v128.load(l.products1 + o), v128.load(l.groupTops + o));
    v128.store(l.queueScores + o, f32x4.pmax(scores, f32x4.splat(-f32.MAX_VALUE)));
  }
  queueRows(l);
}

/** Queues all groups by their mean mass a row in the tail that is in place (sumTail). O(K). */
export function queueByMass(l: Layout): void {
  for (let group = 0; group < l.codewordCount; group++) {
    const prefix = l.groupPrefix + (<usize>group << 3);
    const mass = (load<f64>(prefix, 8) - load<f64>(prefix)) / <f64>(groupStart(l, group + 1) - groupStart(l, group));
    store<f32>(l.queueScores + (<usize>group << 2), <f32>mass);
  }
  queueRows(l);
}

/** Takes the groups without rows out of the queue and sets groupsLeft. O(K). */
function queueRows(l: Layout): void {
  let count = 0;
  for (let group = 0, padded = (l.codewordCount + 3) & ~3; group < padded; group++) {
    const hasRows = group < l.codewordCount && groupStart(l, group) < groupStart(l, group + 1);
    if (!hasRows) store<f32>(l.queueScores + (<usize>group << 2), -Infinity);
    count += i32(hasRows);
  }
  changetype<Search>(l.search).groupsLeft = <f64>count;
}

/** Removes the best group from the queue, which must not be empty, and returns it. Among equals it is the last. O(K). */
function takeGroup(l: Layout): i32 {
  const scores = l.queueScores, best = f32x4.splat(maxOf(scores, l.codewordCount));
  let at = (<usize>l.codewordCount + 3) & ~3, lanes = 0;
  while (!lanes) {
    at -= 4;
    lanes = i32x4.bitmask(f32x4.eq(v128.load(scores + (at << 2)), best));
  }
  const group = <i32>at + 31 - clz(lanes);
  store<f32>(scores + (<usize>group << 2), -Infinity);
  return group;
}

/**
 * Scans the codes of the groups with the best rows by their codewords until at least `scan` rows are read. Leaves what scanQueue
 * leaves. The query must be prepared, and the groups must be in place (layOutGroups).
 */
export function scanGroups(l: Layout, scan: i32, keep: i32, out: usize): i32 {
  groupProducts(l);
  queueByScore(l);
  return scanQueue(l, scan, keep, out, 0);
}

/**
 * Scans the codes of groups, in the order of the queue, until at least `scan` rows are read. Leaves the best `keep` rows by
 * approximate score in the reservoir and returns how many there are. If more rows were scanned, reservoirFloor is the smallest
 * key among these. `out` and `skipped` are those of scanCodes.
 *
 * The query must be prepared, and products1 (groupProducts) and the queue must be in place.
 */
export function scanQueue(l: Layout, scan: i32, keep: i32, out: usize, skipped: usize): i32 {
  const s = changetype<Search>(l.search);
  s.reservoirFloor = <f64>i32.MIN_VALUE;
  s.coded = 0;
  if (keep <= 0) return 0;
  fineTables(changetype<usize>(l));
  return scanOn(l, scan, keep, 0, out, skipped);
}

/**
 * Continues a scan that read fewer than `scan` rows, until it has read as many. The reservoir must hold the `count` rows that
 * it left, in their order, and the other arguments must be the same. It leaves what a scan from the start leaves.
 */
export function scanOn(l: Layout, scan: i32, keep: i32, count: i32, out: usize, skipped: usize): i32 {
  const s = changetype<Search>(l.search);
  const layout = changetype<usize>(l);
  let coded = <i32>s.coded, groups = <i32>s.groupsLeft;
  for (; groups > 0 && coded < scan; groups--) {
    const group = takeGroup(l);
    count = scanCodes(layout, group, count, keep, out, skipped);
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
