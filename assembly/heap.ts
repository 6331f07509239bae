// A binary heap whose root is the worst entry kept: the one with the lowest score, and the highest id among equal
// scores.

// @ts-ignore: decorator
@inline
function scoreAt<T>(scores: usize, index: i32): T {
  return load<T>(scores + <usize>index * sizeof<T>());
}

/** Returns whether entry A is worse than entry B. */
// @ts-ignore: decorator
@inline
export function worse<T>(scoreA: T, idA: i32, scoreB: T, idB: i32): bool {
  return scoreA < scoreB || (scoreA == scoreB && idA > idB);
}

/** Replaces the root of a heap of `count` entries by (score, id). O(log count). */
export function siftDown<T>(scores: usize, ids: usize, count: i32, score: T, id: i32): void {
  let hole = 0;
  while (true) {
    let child = 2 * hole + 1;
    if (child >= count) break;
    let childScore = scoreAt<T>(scores, child), childId = load<i32>(ids + (<usize>child << 2));
    if (child + 1 < count) {
      const score2 = scoreAt<T>(scores, child + 1), id2 = load<i32>(ids + (<usize>child << 2), 4);
      if (worse<T>(score2, id2, childScore, childId)) {
        child++;
        childScore = score2;
        childId = id2;
      }
    }
    if (!worse<T>(childScore, childId, score, id)) break;
    store<T>(scores + <usize>hole * sizeof<T>(), childScore);
    store<i32>(ids + (<usize>hole << 2), childId);
    hole = child;
  }
  store<T>(scores + <usize>hole * sizeof<T>(), score);
  store<i32>(ids + (<usize>hole << 2), id);
}

/** Adds (score, id) to a heap of `count` entries. O(log count). */
export function siftUp<T>(scores: usize, ids: usize, count: i32, score: T, id: i32): void {
  let hole = count;
  while (hole > 0) {
    const parent = (hole - 1) >> 1;
    const parentScore = scoreAt<T>(scores, parent), parentId = load<i32>(ids + (<usize>parent << 2));
    if (!worse<T>(score, id, parentScore, parentId)) break;
    store<T>(scores + <usize>hole * sizeof<T>(), parentScore);
    store<i32>(ids + (<usize>hole << 2), parentId);
    hole = parent;
  }
  store<T>(scores + <usize>hole * sizeof<T>(), score);
  store<i32>(ids + (<usize>hole << 2), id);
}

