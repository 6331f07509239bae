import { siftDown, siftUp, worse } from "../heap";
import { maxLanes } from "../lanes";
import { Layout } from "../layout";
import { expInto, log64 } from "./query";
import { SCORE_BYTES } from "./score-block";
import { QueryBlock } from "./query-block";

/**
 * Merges the rows at `positions`, whose scores are in QueryBlock.scores, into the best `k` of each of the first `queries`
 * queries: QueryBlock.topIds and QueryBlock.topScores, heaps of QueryBlock.topCounts entries at every k-th place. With `weighs`
 * it also writes the logarithms of the masses of the rows to QueryBlock.logMasses, -Infinity for no rows, and leaves weights in
 * the place of drawLogQ. -Infinity fills the scores up to a multiple of four.
 */
export function mergeBlock(block: usize, positions: usize, count: i32, queries: i32, k: i32, weighs: bool): void {
  const b = changetype<QueryBlock>(block), l = changetype<Layout>(b.layout), inverse = l.inverseTemperature;
  const lanes = (count + 3) & ~3;
  for (let q = 0; q < queries; q++) {
    const scores = b.scores + <usize>q * SCORE_BYTES, logMass = b.logMasses + (<usize>q << 3);
    if (count == 0) {
      store<f64>(logMass, -Infinity);
      continue;
    }
    for (let i = count; i < lanes; i++) store<f32>(scores + (<usize>i << 2), -Infinity);
    const largest = largestOf(scores, lanes);
    if (k > 0) pushAll(b, positions, count, q, k, largest);
    if (!weighs) continue;
    store<f64>(logMass, <f64>largest * <f64>inverse + log64(expInto(scores, lanes, largest, inverse, l.drawLogQ)));
  }
}

/** Merges the rows into the best `k` of query q. `largest` is their largest score: most blocks have none of the best. */
function pushAll(b: QueryBlock, positions: usize, count: i32, q: i32, k: i32, largest: f32): void {
  const l = changetype<Layout>(b.layout);
  const scores = b.scores + <usize>q * SCORE_BYTES, heap = <usize>(q * k) << 2;
  const topIds = b.topIds + heap, topScores = b.topScores + heap;
  let kept = load<i32>(b.topCounts + (<usize>q << 2));
  if (kept == k && largest < load<f32>(topScores)) return;
  for (let i = 0; i < count; i += 4) {
    const four = v128.load(scores + (<usize>i << 2));
    if (kept == k && !v128.any_true(f32x4.ge(four, v128.load32_splat(topScores)))) continue;
    for (let j = i, end = min(i + 4, count); j < end; j++) {
      const score = load<f32>(scores + (<usize>j << 2));
      const id = load<i32>(l.ids + (<usize>load<i32>(positions + (<usize>j << 2)) << 2));
      if (kept < k) siftUp<f32>(topScores, topIds, kept++, score, id);
      else if (worse<f32>(load<f32>(topScores), load<i32>(topIds), score, id)) siftDown<f32>(topScores, topIds, k, score, id);
    }
  }
  store<i32>(b.topCounts + (<usize>q << 2), kept);
}

/**
 * Returns the largest of `count` scores, a multiple of four above 0. Four maxima at a time do not wait for one another. The
 * sign of a 0 may differ from that of maxOf, and no mass depends on it.
 */
function largestOf(scores: usize, count: i32): f32 {
  const end = scores + (<usize>count << 2);
  let m0 = v128.load(scores), m1 = m0, m2 = m0, m3 = m0;
  for (const whole = end - 48; scores < whole; scores += 64) {
    m0 = f32x4.pmax(m0, v128.load(scores));
    m1 = f32x4.pmax(m1, v128.load(scores, 16));
    m2 = f32x4.pmax(m2, v128.load(scores, 32));
    m3 = f32x4.pmax(m3, v128.load(scores, 48));
  }
  for (; scores < end; scores += 16) m0 = f32x4.pmax(m0, v128.load(scores));
  return maxLanes(f32x4.pmax(f32x4.pmax(m0, m1), f32x4.pmax(m2, m3)));
}
