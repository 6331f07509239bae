import { dot4I8 } from "./dot";
import { isExcluded } from "./filter";
import { siftDown, siftUp, worse } from "./heap";
import { Layout, Search } from "./layout";

// Refined scores (docs/method.md, section 9). Where the file has residuals, a value of a refined row is scale · (code +
// residual / 254), so the residuals add <z~, residual> · (scale · queryStep / 254) to the score of an int8 row. Only rows
// whose score with the largest addition could enter the k best are refined.

/** The inverse of the number of units of a residual in one of a code. */
export const RESIDUAL_UNIT: f32 = 1 / 254;
/** Returns what residuals add to the score of the row at a position. */
export function residualScore(l: Layout, position: i32): f32 {
  const row = l.residualRows + <usize>position * <usize>l.rowBytes;
  const dot = i32x4.extract_lane(dot4I8(l.fixedQuery, row, row, row, row, <usize>l.rowBytes), 0);
  const step = load<f32>(l.rowScales + (<usize>position << 2)) * <f32>changetype<Search>(l.search).queryStep;
  return <f32>dot * (step * RESIDUAL_UNIT);
}

/**
 * Merges classes into the best k like topPush, by their refined scores. Changed classes, which are excluded, have theirs
 * already (scoreChanged).
 */
export function pushRefined(l: Layout, positions: usize, scores: usize, count: i32, k: i32): void {
  const s = changetype<Search>(l.search);
  const reach = <f32>s.refinement, topScores = l.topScores, topIds = l.topIds;
  let kept = <i32>s.topCount;
  for (let o: usize = 0, end = <usize>count << 2; o < end; o += 4) {
    const position = load<i32>(positions + o);
    let score = load<f32>(scores + o);
    const scale = load<f32>(l.rowScales + (<usize>position << 2));
    if (kept == k && !(score + reach * scale >= load<f32>(topScores))) continue;
    if (!l.excluded || !isExcluded(l, position)) score += residualScore(l, position);
    const id = load<i32>(l.ids + (<usize>position << 2));
    if (kept < k) siftUp<f32>(topScores, topIds, kept++, score, id);
    else if (worse<f32>(load<f32>(topScores), load<i32>(topIds), score, id)) siftDown<f32>(topScores, topIds, k, score, id);
  }
  s.topCount = <f64>kept;
}
