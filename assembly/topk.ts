import { Layout, Search } from "./layout";

// A heap whose root is the worst entry kept: the lowest score, of equal scores the highest id.

// @ts-ignore: decorator
@inline
function worse(scoreA: f32, idA: i32, scoreB: f32, idB: i32): bool {
  return scoreA < scoreB || (scoreA == scoreB && idA > idB);
}

/** Puts (score, id) into the hole at the root of a heap of `count` entries. */
function siftDown(scores: usize, ids: usize, count: i32, score: f32, id: i32): void {
  let hole = 0;
  while (true) {
    let child = 2 * hole + 1;
    if (child >= count) break;
    let childScore = load<f32>(scores + (<usize>child << 2)), childId = load<i32>(ids + (<usize>child << 2));
    if (child + 1 < count) {
      const score2 = load<f32>(scores + (<usize>child << 2), 4), id2 = load<i32>(ids + (<usize>child << 2), 4);
      if (worse(score2, id2, childScore, childId)) {
        child++;
        childScore = score2;
        childId = id2;
      }
    }
    if (!worse(childScore, childId, score, id)) break;
    store<f32>(scores + (<usize>hole << 2), childScore);
    store<i32>(ids + (<usize>hole << 2), childId);
    hole = child;
  }
  store<f32>(scores + (<usize>hole << 2), score);
  store<i32>(ids + (<usize>hole << 2), id);
}

/** Appends (score, id) to a heap of `count` entries. */
function siftUp(scores: usize, ids: usize, count: i32, score: f32, id: i32): void {
  let hole = count;
  while (hole > 0) {
    const parent = (hole - 1) >> 1;
    const parentScore = load<f32>(scores + (<usize>parent << 2)), parentId = load<i32>(ids + (<usize>parent << 2));
    if (!worse(score, id, parentScore, parentId)) break;
    store<f32>(scores + (<usize>hole << 2), parentScore);
    store<i32>(ids + (<usize>hole << 2), parentId);
    hole = parent;
  }
  store<f32>(scores + (<usize>hole << 2), score);
  store<i32>(ids + (<usize>hole << 2), id);
}

/**
 * Merges `count` classes, given by position and score, into the best k so far (topIds, topScores, topCount of them).
 * `scores` is readable up to count rounded up to 4. A vector of four is looked into only if one of them can enter.
 */
export function topPush(layout: usize, positions: usize, scores: usize, count: i32, k: i32): void {
  const l = changetype<Layout>(layout);
  const s = changetype<Search>(l.search);
  const topScores = l.topScores, topIds = l.topIds, classIds = l.ids;
  let kept = <i32>s.topCount;
  if (k == 0) return;
  for (let i = 0; i < count; i += 4) {
    const four = v128.load(scores + (<usize>i << 2));
    if (kept == k && !v128.any_true(f32x4.ge(four, v128.load32_splat(topScores)))) continue;
    for (let j = i, end = min(i + 4, count); j < end; j++) {
      const score = load<f32>(scores + (<usize>j << 2));
      const id = load<i32>(classIds + (<usize>load<i32>(positions + (<usize>j << 2)) << 2));
      if (kept < k) siftUp(topScores, topIds, kept++, score, id);
      else if (worse(load<f32>(topScores), load<i32>(topIds), score, id)) siftDown(topScores, topIds, k, score, id);
    }
  }
  s.topCount = <f64>kept;
}

/** Heap sort: topIds and topScores best first, ties by lower id. */
export function topSort(layout: usize): void {
  const l = changetype<Layout>(layout);
  const scores = l.topScores, ids = l.topIds;
  for (let last = <i32>changetype<Search>(l.search).topCount - 1; last > 0; last--) {
    const score = load<f32>(scores + (<usize>last << 2)), id = load<i32>(ids + (<usize>last << 2));
    store<f32>(scores + (<usize>last << 2), load<f32>(scores));
    store<i32>(ids + (<usize>last << 2), load<i32>(ids));
    siftDown(scores, ids, last, score, id);
  }
}
