import { siftDown, siftUp, worse } from "./heap";
import { Layout, Search } from "./layout";
import { mostRefined, refinedScore } from "./refine";

/**
 * Merges `count` classes into the best `k` so far: topIds and topScores, a heap of topCount entries with the worst at
 * its root. O(count) plus O(log k) for each class that enters.
 *
 * `positions` is i32 (count) and `scores` is f32 (count), readable up to `count` rounded up to 4. topIds and topScores have
 * room for k entries. After refineTop, scores are refined. Four scores are examined one by one only if one of them can enter.
 */
export function topPush(layout: usize, positions: usize, scores: usize, count: i32, k: i32): void {
  const l = changetype<Layout>(layout);
  const s = changetype<Search>(l.search);
  const topScores = l.topScores, topIds = l.topIds, classIds = l.ids;
  let kept = <i32>s.topCount;
  if (k == 0) return;
  const refines = s.refinement > 0;
  for (let i = 0; i < count; i += 4) {
    const four = v128.load(scores + (<usize>i << 2));
    if (kept == k && !refines && !v128.any_true(f32x4.ge(four, v128.load32_splat(topScores)))) continue;
    for (let j = i, end = min(i + 4, count); j < end; j++) {
      let score = load<f32>(scores + (<usize>j << 2));
      const position = load<i32>(positions + (<usize>j << 2));
      if (refines) {
        if (kept == k && mostRefined(l, position, score) < load<f32>(topScores)) continue;
        score = refinedScore(l, position, score);
      }
      const id = load<i32>(classIds + (<usize>position << 2));
      if (kept < k) siftUp<f32>(topScores, topIds, kept++, score, id);
      else if (worse<f32>(load<f32>(topScores), load<i32>(topIds), score, id)) siftDown<f32>(topScores, topIds, k, score, id);
    }
  }
  s.topCount = <f64>kept;
}

/** Sorts topIds and topScores, best first, ties by lower id (heap sort). O(k log k). */
export function topSort(layout: usize): void {
  const l = changetype<Layout>(layout);
  const scores = l.topScores, ids = l.topIds;
  for (let last = <i32>changetype<Search>(l.search).topCount - 1; last > 0; last--) {
    const score = load<f32>(scores + (<usize>last << 2)), id = load<i32>(ids + (<usize>last << 2));
    store<f32>(scores + (<usize>last << 2), load<f32>(scores));
    store<i32>(ids + (<usize>last << 2), load<i32>(ids));
    siftDown<f32>(scores, ids, last, score, id);
  }
}
