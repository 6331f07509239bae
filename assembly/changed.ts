import { lastAtMost } from "./bisect";
import { isExcluded } from "./filter";
import { Layout } from "./layout";
import { scoreIds } from "./score";

// Classes whose logits a call changes (docs/method.md, section 2). The filter leaves them out of the index, and every head
// has them with their changed logits, so that everything which follows from a head is right for them.

/** The bytes of a class in layout.changes: three f64. */
const CHANGE_BYTES: usize = 24;

/**
 * Sets changedPositions and changedScores for the prepared query from changedIds and changes. O(changedCount D). The
 * query must be prepared (prepareQuery).
 */
export function scoreChanged(layout: usize): void {
  const l = changetype<Layout>(layout), count = l.changedCount;
  memory.copy(l.changedPositions, l.changedIds, <usize>count << 2);
  scoreIds(layout, l.changedPositions, count, l.changedScores);
  changeScores(layout, l.changedScores);
}

/**
 * Changes the logits of the changed classes at `scores`, f32 in their order: adds the bias, then divides a positive logit
 * by the repetition penalty and multiplies another by it, and then subtracts the other penalties. It computes in f64 and
 * rounds once. -Infinity fills the last four up. O(changedCount).
 */
export function changeScores(layout: usize, scores: usize): void {
  const l = changetype<Layout>(layout), end = scores + (<usize>l.changedCount << 2);
  let change = l.changes, at = scores;
  for (; at < end; at += 4, change += CHANGE_BYTES) {
    const biased = <f64>load<f32>(at) + load<f64>(change), repetition = load<f64>(change, 8);
    const repeated = biased > 0 ? biased / repetition : biased * repetition;
    store<f32>(at, <f32>(repeated - load<f64>(change, 16)));
  }
  for (let i = l.changedCount; i & 3; i++, at += 4) store<f32>(at, -Infinity);
}

/**
 * Replaces scores[i], the logit of the row at positions[i], by that of the class under the conditions of the call: the
 * changed one, or -Infinity for a class that is filtered out. Both are f32 and i32 (count). O(count), and O(log
 * changedCount) for each changed class.
 */
export function conditionScores(layout: usize, positions: usize, count: i32, scores: usize): void {
  const l = changetype<Layout>(layout);
  if (!l.excluded) return;
  for (let o: usize = 0, end = <usize>count << 2; o < end; o += 4) {
    const position = load<i32>(positions + o);
    if (!isExcluded(l, position)) continue;
    const id = load<i32>(l.ids + (<usize>position << 2));
    const found = lastAtMost<i32>(l.changedIds, l.changedCount, id), at = <usize>found << 2;
    const isChanged = found >= 0 && load<i32>(l.changedIds + at) == id;
    store<f32>(scores + o, isChanged ? load<f32>(l.changedScores + at) : -Infinity);
  }
}
