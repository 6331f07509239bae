import { isFiltered, isLeftOut } from "./filter";
import { Layout, Search } from "./layout";
import { residualScore } from "./refine";
import { scoreIds } from "./score";

// Classes whose logits a call changes (docs/method.md, section 2). The filter leaves them out of the index, and every head has
// them with their changed logits, so everything that is computed from a head is right for them.

/** Spreads ids over the upper bits of a product: 2^32 less 2^32 over the golden ratio. */
const SPREAD: i32 = 0x61c88647;

/**
 * Sets changedSlots, changedPositions and changedScores for the prepared query from changedIds, changedBiases and
 * changedCounts. O(changedCount D). The query must be prepared (prepareQuery).
 */
export function scoreChanged(layout: usize): void {
  const l = changetype<Layout>(layout), count = l.changedCount;
  placeChanged(l);
  memory.copy(l.changedPositions, l.changedIds, <usize>count << 2);
  scoreIds(layout, l.changedPositions, count, l.changedScores);
  if (changetype<Search>(l.search).refinement > 0) refineChanged(l);
  changeScores(layout, l.changedScores);
}

/** Adds the contribution of residuals to the scores of the changed classes, before these scores are changed. */
function refineChanged(l: Layout): void {
  for (let o: usize = 0, end = <usize>l.changedCount << 2; o < end; o += 4) {
    const score = l.changedScores + o;
    store<f32>(score, load<f32>(score) + residualScore(l, load<i32>(l.changedPositions + o)));
  }
}

/**
 * Changes the logits of the changed classes at `scores`, f32 in their order. It adds the bias. Then, for a class in the
 * history, it divides a positive logit by the repetition penalty and multiplies another by it, and subtracts the presence
 * penalty and, as often as the history has the class, the frequency penalty. It computes in f64 and rounds once. -Infinity
 * fills the last four up. O(changedCount).
 */
export function changeScores(layout: usize, scores: usize): void {
  const l = changetype<Layout>(layout), count = <usize>l.changedCount << 2;
  const repetition = load<f64>(l.penalties), presence = load<f64>(l.penalties, 8), frequency = load<f64>(l.penalties, 16);
  for (let o: usize = 0; o < count; o += 4) {
    let logit = <f64>load<f32>(scores + o) + <f64>load<f32>(l.changedBiases + o);
    const times = load<i32>(l.changedCounts + o);
    if (times > 0) {
      logit = logit > 0 ? logit / repetition : logit * repetition;
      logit -= frequency * <f64>times + presence;
    }
    store<f32>(scores + o, <f32>logit);
  }
  for (let o = count; o & 12; o += 4) store<f32>(scores + o, -Infinity);
}

/**
 * Replaces scores[i], the logit of the row at positions[i], by the logit of the class under the conditions of the call: the
 * changed one, or -Infinity for a class that is filtered out. positions: i32 (count). scores: f32 (count). O(count).
 */
export function conditionScores(layout: usize, positions: usize, count: i32, scores: usize): void {
  const l = changetype<Layout>(layout);
  if (!isFiltered(l)) return;
  for (let o: usize = 0, end = <usize>count << 2; o < end; o += 4) {
    const position = load<i32>(positions + o);
    if (!isLeftOut(l, position)) continue;
    const place = placeOf(l, load<i32>(l.ids + (<usize>position << 2)));
    store<f32>(scores + o, place < 0 ? -Infinity : load<f32>(l.changedScores + (<usize>place << 2)));
  }
}

/** Returns the place of a class in changedIds, -1 if it is not there. O(1). */
function placeOf(l: Layout, id: i32): i32 {
  return l.changedCount > 0 ? load<i32>(slotOf(l, id)) - 1 : -1;
}

/** Makes changedSlots. O(changedCount). */
function placeChanged(l: Layout): void {
  memory.fill(l.changedSlots, 0, <usize>4 << slotBits(l));
  for (let place = 0; place < l.changedCount; place++) {
    store<i32>(slotOf(l, load<i32>(l.changedIds + (<usize>place << 2))), place + 1);
  }
}

/** Returns the address of the slot of a class, or of the empty one where it belongs. At least half of them are empty. */
function slotOf(l: Layout, id: i32): usize {
  const bits = slotBits(l);
  let slot = <u32>(id * SPREAD) >> (32 - bits);
  while (true) {
    const at = l.changedSlots + (<usize>slot << 2), place = load<i32>(at) - 1;
    if (place < 0 || load<i32>(l.changedIds + (<usize>place << 2)) == id) return at;
    slot = (slot + 1) & ((1 << bits) - 1);
  }
}

/** Returns the logarithm of the number of slots that are in use. */
// @ts-ignore: decorator
@inline
function slotBits(l: Layout): u32 {
  return 32 - clz<u32>(2 * <u32>l.changedCount - 1);
}
