import { dot4F32 } from "../../dot";
import { expInto } from "../../exp";
import { maxOf } from "../../lanes";
import { log64 } from "../../log";
import { Layer } from "./layers";

/** The number of exponentials that are added in f32 before the sum is added to an f64. */
const BLOCK: i32 = 1024;

/** Sets the values beyond `count`, up to a multiple of 4, to −Infinity. Their exponentials are e^-87. */
// @ts-ignore: decorator
@inline
export function pad(values: usize, count: i32): void {
  for (let i = count; i < ((count + 3) & ~3); i++) store<f32>(values + (<usize>i << 2), -Infinity);
}

/** Replaces values[i] by e^(values[i] − shift), for `count` rounded up to 4, and returns their sum. */
export function expAll(values: usize, count: i32, shift: f32): f64 {
  let sum: f64 = 0;
  for (let i = 0; i < count; i += BLOCK) {
    const block = values + (<usize>i << 2);
    sum += expInto(block, (min(count - i, BLOCK) + 3) & ~3, shift, 1, block);
  }
  return sum;
}

// @ts-ignore: decorator
@inline
export function scaleAll(values: usize, count: i32, factor: f32): void {
  const factors = f32x4.splat(factor);
  for (let end = values + (<usize>count << 2); values < end; values += 16) {
    v128.store(values, f32x4.mul(v128.load(values), factors));
  }
}

/**
 * Sets out[k] to <query, rows[ids[k]]> + biases[ids[k]]. O(count · dim).
 *
 * layer: Layer. query: f32 (dim). ids: i32 (count), count ≥ 1. out: f32 (count rounded up to 4).
 */
export function scorePicked(layer: usize, query: usize, ids: usize, count: i32, out: usize): void {
  const l = changetype<Layer>(layer);
  const rows = l.rows, biases = l.biases, rowBytes = <usize>l.dim << 2;
  const last = ids + (<usize>(count - 1) << 2);
  for (let end = ids + (<usize>count << 2); ids < end; ids += 16, out += 16) {
    const id0 = <usize>load<i32>(ids), id1 = <usize>load<i32>(min(ids + 4, last));
    const id2 = <usize>load<i32>(min(ids + 8, last)), id3 = <usize>load<i32>(min(ids + 12, last));
    const scores = dot4F32(
      query, rows + id0 * rowBytes, rows + id1 * rowBytes, rows + id2 * rowBytes, rows + id3 * rowBytes, rowBytes,
    );
    let bias = v128.load32_zero(biases + (id0 << 2));
    bias = v128.load32_lane(biases + (id1 << 2), bias, 1);
    bias = v128.load32_lane(biases + (id2 << 2), bias, 2);
    bias = v128.load32_lane(biases + (id3 << 2), bias, 3);
    v128.store(out, f32x4.add(scores, bias));
  }
}

/**
 * Returns the sampled-softmax loss −(1/P) Σ_p x_p + log Σ_k e^(x_k) of x_k = scores[k] − shifts[k]. The first `positiveCount`
 * are the positives p. scores[k] becomes `scale` times its derivative. No derivative is taken through the shifts, which hold
 * log Q. O(count).
 *
 * scores, shifts: f32 (count), with room up to a multiple of 4. count and positiveCount must be at least 1.
 */
export function sampledGradient(scores: usize, shifts: usize, count: i32, positiveCount: i32, scale: f32): f64 {
  for (let o: usize = 0, end = <usize>count << 2; o < end; o += 16) {
    v128.store(scores + o, f32x4.sub(v128.load(scores + o), v128.load(shifts + o)));
  }
  pad(scores, count);
  let positive: f64 = 0;
  for (let p = 0; p < positiveCount; p++) positive += <f64>load<f32>(scores + (<usize>p << 2));
  const most = maxOf(scores, count);
  const sum = expAll(scores, count, most);
  scaleAll(scores, count, <f32>(<f64>scale / sum));
  const share: f32 = scale / <f32>positiveCount;
  for (let p = 0; p < positiveCount; p++) {
    const place = scores + (<usize>p << 2);
    store<f32>(place, load<f32>(place) - share);
  }
  return <f64>most + log64(sum) - positive / <f64>positiveCount;
}

/**
 * Returns the loss of the exact softmax over all classes, −(1/P) Σ_p o_p + log Σ_i e^(o_i), with the positives named by
 * id. scores[i] becomes `scale` times its derivative. O(count).
 *
 * scores: f32 (count), with room up to a multiple of 4. positives: i32 (positiveCount), distinct. count and
 * positiveCount must be at least 1.
 */
export function softmaxGradient(scores: usize, count: i32, positives: usize, positiveCount: i32, scale: f32): f64 {
  pad(scores, count);
  let positive: f64 = 0;
  for (let p = 0; p < positiveCount; p++) {
    positive += <f64>load<f32>(scores + (<usize>load<i32>(positives + (<usize>p << 2)) << 2));
  }
  const most = maxOf(scores, count);
  const sum = expAll(scores, count, most);
  scaleAll(scores, count, <f32>(<f64>scale / sum));
  const share: f32 = scale / <f32>positiveCount;
  for (let p = 0; p < positiveCount; p++) {
    const place = scores + (<usize>load<i32>(positives + (<usize>p << 2)) << 2);
    store<f32>(place, load<f32>(place) - share);
  }
  return <f64>most + log64(sum) - positive / <f64>positiveCount;
}

/**
 * Returns the rank of class `id` among `count` scores: the number of higher scores, plus the equal ones of lower ids.
 * O(count).
 */
export function rankOf(scores: usize, count: i32, id: i32): i32 {
  const own = load<f32>(scores + (<usize>id << 2));
  let rank = 0;
  for (let i = 0; i < id; i++) rank += <i32>(load<f32>(scores + (<usize>i << 2)) >= own);
  for (let i = id + 1; i < count; i++) rank += <i32>(load<f32>(scores + (<usize>i << 2)) > own);
  return rank;
}
