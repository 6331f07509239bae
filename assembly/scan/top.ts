import { Layout, Search } from "../layout";
import { scanGroups } from "./groups";
import { scorePositions, topPush, topSort } from "./query";

/**
 * Scans the codes of the best groups, as many as reach `scan` rows, for the prepared query. Leaves the best `keep` by
 * approximate score in the reservoir; returns how many they are.
 */
export function scanBest(layout: usize, scan: i32, keep: i32): i32 {
  return scanGroups(changetype<Layout>(layout), scan, keep, 0);
}

/** The k best in topIds and topScores: of the best `rescore` (at least k) of scanBest, by their exact scores. */
export function scanTop(layout: usize, k: i32, scan: i32, rescore: i32): void {
  const l = changetype<Layout>(layout);
  const s = changetype<Search>(l.search);
  const count = scanBest(layout, scan, max(k, rescore));
  s.topCount = 0;
  scorePositions(layout, l.reservoirPositions, count, l.reservoirKeys);
  topPush(layout, l.reservoirPositions, l.reservoirKeys, count, k);
  topSort(layout);
  s.scored = <f64>count;
}
