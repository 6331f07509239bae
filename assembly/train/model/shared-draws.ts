import { exp4 } from "../../exp";
import { maxOf } from "../../lanes";
import { log64 } from "../../log";
import { expAll, pad, scaleAll } from "./losses";

/** Sets the values at which ids[k] is `id`. values: f32 (count rounded up to 4). ids: i32 (count). */
// @ts-ignore: decorator
@inline
function setWhere(values: usize, ids: usize, count: i32, id: i32, value: f32): void {
  for (let o: usize = 0, end = <usize>count << 2; o < end; o += 4) {
    if (load<i32>(ids + o) == id) store<f32>(values + o, value);
  }
}

/** Classes that are drawn once for all positions of a sequence. */
@unmanaged
export class SharedDraws {
  ids: usize; // i32 (count)
  shifts: usize; // f32 (count), readable up to a multiple of 4: the numbers that are subtracted from the scores
  count: i32; // at least 1
}

/**
 * Returns the loss −own + log(e^own + Σ_k e^(scores[k] − shifts[k])) of a position whose draws are those of its
 * sequence. Draws of the position's own class, `target`, take no part. scores[k] becomes `scale` times its derivative,
 * and so does own[0], the score of the own class. O(count).
 *
 * draws: SharedDraws. scores: f32 (count), with room up to a multiple of 4. own: f32 (1).
 */
export function sharedGradient(draws: usize, scores: usize, target: i32, own: usize, scale: f32): f64 {
  const d = changetype<SharedDraws>(draws);
  const ids = d.ids, shifts = d.shifts, count = d.count;
  for (let o: usize = 0, end = <usize>count << 2; o < end; o += 16) {
    v128.store(scores + o, f32x4.sub(v128.load(scores + o), v128.load(shifts + o)));
  }
  pad(scores, count);
  setWhere(scores, ids, count, target, -Infinity);
  const score = load<f32>(own);
  const most = max(maxOf(scores, count), score);
  const drawn = expAll(scores, count, most);
  const mine = <f64>f32x4.extract_lane(exp4(f32x4.splat(score - most)), 0);
  const sum = drawn + mine;
  const factor = <f64>scale / sum;
  scaleAll(scores, count, <f32>factor);
  setWhere(scores, ids, count, target, 0);
  store<f32>(own, <f32>(mine * factor) - scale);
  return <f64>most + log64(sum) - <f64>score;
}
