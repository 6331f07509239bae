import { Layout, Search } from "../layout";
import { scanGroups } from "./groups";
import { scorePositions, topPush, topSort } from "./query";

/**
 * The k best of the prepared query in topIds and topScores: the codes of the best groups, as many as reach `scan` rows, give
 * the best `rescore` (at least k) by approximate score, which are scored exactly.
 */
export function scanTop(layout: usize, k: i32, scan: i32, rescore: i32): void {
  const l = changetype<Layout>(layout);
  const s = changetype<Search>(l.search);
  const count = scanGroups(l, scan, max(k, rescore), 0);
  s.topCount = 0;
  scorePositions(layout, l.reservoirPositions, count, l.reservoirKeys);
  topPush(layout, l.reservoirPositions, l.reservoirKeys, count, k);
  topSort(layout);
  s.scored = <f64>count;
}
