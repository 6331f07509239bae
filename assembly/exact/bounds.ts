import { BLOCK_SLOTS, ROWS_I8 } from "../../src/abi";
import { Layout, Search } from "../layout";
import { bucketLogMasses, log64, maxOf, sumExp } from "./query";
import { UNIT } from "./residuals";

/** The log masses of buckets lie above this, those of empty slots below. */
const LEAST_LOG_MASS: f32 = reinterpret<f32>(0xfe800000); // -2^126

/**
 * Prepares the bounds of the query: |o_i / T - s_b - beta_i / T| <= slope · residualNorms[i] + slack (docs/method.md,
 * section 5). Sets queryNorm, slope, slack and scoreSlack. O(D).
 *
 * The slack covers what rounding can add: to the sub-scores and to the row's score, which are D-term sums in f32; to the query
 * in fixed point, if rows are int8; and to the sums of these (2^-20 of the largest term). So it holds for o_i as the kernels
 * score it and for o_i in exact arithmetic, with the query as given: the two have a row's score in common, and the room for
 * D-term sums is four times what the sub-scores take. This leaves enough for 1 / T and for a query that was scaled to unit
 * length.
 *
 * The query must be prepared (prepareQuery) and the residuals measured (measureResiduals).
 */
export function prepareBounds(layout: usize): void {
  const l = changetype<Layout>(layout);
  const s = changetype<Search>(l.search);
  const inverse = <f64>l.inverseTemperature, normBound = <f64>l.normBound;
  const step = l.rowType == ROWS_I8 ? s.queryStep : 0;
  let square: f64 = 0, lost: f64 = 0;
  for (let i: usize = 0; i < <usize>l.dim; i++) {
    const value = <f64>load<f32>(l.query + (i << 2));
    square += value * value;
    const missing = step > 0 ? value - <f64>load<i16>(l.fixedQuery + (i << 1)) * step : 0;
    lost += missing * missing;
  }
  const norm = sqrt(square) * (1 + UNIT);
  s.queryNorm = norm;
  s.slope = norm * inverse * (1 + 4 * UNIT); // used as f32
  const rounding = norm * normBound * (4 * <f64>(l.dim + 4) * UNIT + 16 * UNIT) + sqrt(lost) * normBound;
  s.slack = inverse * (rounding + 16 * UNIT * <f64>l.biasBound) + 7.888609052210118e-31; // 2^-100
  s.scoreSlack = scoreSlack(l, sqrt(lost));
}

/**
 * Returns an upper bound of |o_i / T as the kernels compute it - o_i / T|, where the second is exact, for the stored row and
 * the query as given. `lost` is the norm of the part of the query that fixed point lacks, 0 unless rows are int8.
 *
 * In units of 2^-24 of |query| |row|, f32 takes at most D / 4 + 4: for a product, the sums of a lane and of the lanes, and the
 * bias. int8 rows take at most 7: for the integer as f32, the step, its product with the scale, the product of this with the
 * integer, the bias, the remainder and its own rounding; 1 more is for a caller who computes with the row in f32, as the
 * library returns it. 1 is for 1 / T, and 1 for a query scaled to unit length. Numbers below 2^-126 lose up to 2^-150, of which
 * an int8 row takes up to 2^31.
 */
export function scoreSlack(l: Layout, lost: f64): f64 {
  const s = changetype<Search>(l.search);
  const dim = <f64>l.dim, row = <f64>l.rowBound;
  const units = l.rowType == ROWS_I8 ? 10 : (dim / 4 + 6) * (1 + dim * UNIT);
  const sums = UNIT * (s.queryNorm * row * units + 4 * <f64>l.biasBound) + lost * row * (1 + 16 * UNIT);
  return <f64>l.inverseTemperature * (sums + (row + 1) * 1.925929944387236e-34); // 2^-112
}

/**
 * Returns the logarithm of the sum of w_b e^(s_b + slope · radius) over the buckets outside the head, or -Infinity if
 * there are none. O(blocks).
 *
 * With s.slope it is an upper bound of the log mass of their classes, and with -s.slope a lower one, apart from
 * s.slack. It overwrites slotMasses and slotKeys. The head must be in place (headSlots).
 */
export function tailBound(layout: usize, slope: f64): f64 {
  const l = changetype<Layout>(layout);
  const slots = l.blockCount * BLOCK_SLOTS;
  if (slots == 0) return -Infinity;
  bucketLogMasses(layout, <f32>slope);
  const head = <usize>changetype<Search>(l.search).headBucketCount << 2;
  for (let p = l.headSlots, end = p + head; p < end; p += 4) {
    store<f32>(l.slotMasses + (<usize>load<i32>(p) << 2), -f32.MAX_VALUE);
  }
  const top = maxOf(l.slotMasses, slots);
  return top > LEAST_LOG_MASS ? <f64>top + log64(sumExp(l.slotMasses, slots, top, 1)) : -Infinity;
}
