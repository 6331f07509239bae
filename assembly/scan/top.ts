import { Layout, Search } from "../layout";
import { scanGroups, scanOn } from "./groups";
import { listPositions, scorePositions, scoreScattered, topPush, topSort } from "./query";

/**
 * Scans the codes of the best groups until at least `scan` rows are read, for the prepared query. Leaves the best
 * `keep` rows by approximate score in the reservoir and returns how many there are (scanGroups).
 */
export function scanBest(layout: usize, scan: i32, keep: i32): i32 {
  return scanGroups(changetype<Layout>(layout), scan, keep, 0);
}

/** Continues the scan that scanBest or the last call left (scanOn), until at least `scan` rows are read in all. */
export function scanFurther(layout: usize, scan: i32, keep: i32, count: i32): i32 {
  return scanOn(changetype<Layout>(layout), scan, keep, count, 0, 0);
}

/** Writes the positions of the outliers that are not excluded to `out`, and returns their number. */
export function listOutliers(l: Layout, out: usize): i32 {
  return <i32>((listPositions(changetype<usize>(l), l.itemCount - l.outlierCount, l.itemCount, out) - out) >> 2);
}

/**
 * Finds the k best, sorted, in topIds and topScores, among the outliers, the changed classes and the `rescore` best rows (at
 * least k) of scanBest, by exact score. The query must be prepared. `max(k, rescore)` must be at most the planned size of the
 * reservoir.
 */
export function scanTop(layout: usize, k: i32, scan: i32, rescore: i32): void {
  const l = changetype<Layout>(layout);
  const s = changetype<Search>(l.search);
  const count = scanBest(layout, scan, max(k, rescore));
  s.topCount = 0;
  scoreScattered(layout, l.reservoirPositions, count, l.reservoirKeys);
  topPush(layout, l.reservoirPositions, l.reservoirKeys, count, k);
  const outliers = listOutliers(l, l.headPositions);
  scorePositions(layout, l.headPositions, outliers, l.headScores);
  topPush(layout, l.headPositions, l.headScores, outliers, k);
  topPush(layout, l.changedPositions, l.changedScores, l.changedCount, k);
  topSort(layout);
  s.scored = <f64>(count + outliers + l.changedCount);
}
