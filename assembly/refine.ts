import { isLeftOut } from "./filter";
import { sumLanesI32 } from "./lanes";
import { Layout, Search } from "./layout";

// Refined scores (docs/method.md, section 9). If the file has residuals, a value of a refined row is scale · (code + residual /
// 254), so the residuals add <z~, residual> · (scale · queryStep / 254) to the score of an int8 row. Only rows whose score with
// the largest addition could enter the k best are refined.

/** The inverse of the number of units of a residual in one of a code. */
export const RESIDUAL_UNIT: f32 = 1 / 254;

/** Returns the most that a row's score can be once it is refined. */
// @ts-ignore: decorator
@inline
export function mostRefined(l: Layout, position: i32, score: f32): f32 {
  return score + <f32>changetype<Search>(l.search).refinement * load<f32>(l.rowScales + (<usize>position << 2));
}

/**
 * Returns a row's score with the contribution of its residuals. Changed classes, which are excluded, have it already
 * (scoreChanged).
 */
export function refinedScore(l: Layout, position: i32, score: f32): f32 {
  return isLeftOut(l, position) ? score : score + residualScore(l, position);
}

/** Refines the scores of `count` rows, f32, at positions, i32, after refineTop. */
export function refineScores(layout: usize, positions: usize, count: i32, scores: usize): void {
  const l = changetype<Layout>(layout);
  if (!(changetype<Search>(l.search).refinement > 0)) return;
  for (const end = scores + (<usize>count << 2); scores < end; scores += 4, positions += 4) {
    store<f32>(scores, refinedScore(l, load<i32>(positions), load<f32>(scores)));
  }
}

/** Returns the contribution of residuals to the score of the row at a position. */
export function residualScore(l: Layout, position: i32): f32 {
  const row = l.residualRows + <usize>position * <usize>l.rowBytes;
  let sum = i32x4.splat(0);
  for (let o: usize = 0; o < <usize>l.rowBytes; o += 8) {
    sum = i32x4.add(sum, i32x4.dot_i16x8_s(v128.load(l.fixedQuery + (o << 1)), v128.load8x8_s(row + o)));
  }
  const step = load<f32>(l.rowScales + (<usize>position << 2)) * <f32>changetype<Search>(l.search).queryStep;
  return <f32>sumLanesI32(sum) * (step * RESIDUAL_UNIT);
}
