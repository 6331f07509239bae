import { CODE_BLOCK } from "../../src/abi";
import { CODE_LEVELS, Layout, Search } from "../layout";
import { groupStart, openRows, sumBlock } from "./codes";
import { groupProducts } from "./groups";
import { scoreScattered, topPush } from "./query";

/** i16x8.q15mulr divides products by this. */
const Q15: f64 = 32768;
const LARGEST_SUM: f64 = 65535;
/** The number of rows that may wait before they are scored and the threshold is updated. */
const ROOM = 64;

/**
 * The largest error of a table entry. An entry is the nearest integer, in f32: it is off by a half and by a few units
 * of 2^-24 of at most 127.
 */
const LEVEL_ERROR: f64 = 0.5 + 0.0001220703125; // 2^-13
/** The largest error of two products by q15mulr, a half each, with room. */
const SCALED_ERROR: f64 = 2;

/**
 * Finds the k best of all classes by exact score, in topIds and topScores, unsorted (docs/method.md, section 8).
 * Returns how many rows were scored, or -1 if 15 bits do not hold the largest error or bias. O(N D / 4) additions of
 * bytes, and O(D) for each row scored.
 *
 * Every row is scored whose code cannot show that it is below `threshold`, which rises as rows are scored. A row's
 * score is at most
 *
 *   <query, c1> + fineBase + fineStep · (sum of its entries + fineCount / 2) + |query| · its error + its bias + slack
 *
 * The terms are compared in units of fineStep, in 16 bits without a sign, with the bias relative to the smallest. All
 * rounding is upwards.
 *
 * The query must be prepared, with its tables (fineTables) and bounds (prepareBounds), and the code errors must be
 * measured (measureCodeErrors). topCount must be 0, because the classes that gave the threshold are scored again. `k`
 * must be at least 1 and at most the planned number. `threshold` must be a score that at least k classes reach, or
 * -Infinity.
 */
export function certifyByCodes(layout: usize, k: i32, threshold: f32): i32 {
  const l = changetype<Layout>(layout);
  const s = changetype<Search>(l.search);
  const scales = scalesOf(l);
  if (scales < 0) return -1;
  groupProducts(l);
  let scored = 0, waiting = 0;
  for (let group = 0; group < l.codewordCount; group++) {
    const first = groupStart(l, group), end = groupStart(l, group + 1);
    if (first == end) continue;
    const offset = offsetOf(l, <f64>load<f32>(l.products1 + (<usize>group << 2)));
    let least = leastSum(l, <f64>threshold, offset);
    for (let block = first / CODE_BLOCK, last = (end - 1) / CODE_BLOCK; block <= last; block++) {
      for (let rows = reaching(l, block, first, end, least, scales); rows; rows &= rows - 1, waiting++) {
        store<i32>(l.drawPositions + (<usize>waiting << 2), block * CODE_BLOCK + ctz(rows));
      }
      if (waiting >= ROOM) {
        threshold = scoreWaiting(l, waiting, k, threshold);
        scored += waiting;
        waiting = 0;
        least = leastSum(l, <f64>threshold, offset);
      }
    }
  }
  scoreWaiting(l, waiting, k, threshold);
  return scored + waiting;
}

/**
 * Returns the share of the classes that certifyByCodes would score if the threshold did not rise, estimated from every
 * `stride`-th block, or Infinity if it would give up. The conditions are those of certifyByCodes, with the sub-scores
 * in place (subScores), which stay there.
 */
export function codedShare(layout: usize, threshold: f32, stride: i32): f64 {
  const l = changetype<Layout>(layout);
  const scales = scalesOf(l);
  if (scales < 0) return Infinity;
  let count = 0, seen = 0;
  for (let group = 0; group < l.codewordCount; group++) {
    const first = groupStart(l, group), end = groupStart(l, group + 1);
    const subScore = <f64>load<f32>(l.subScores1 + (<usize>group << 2)) / <f64>l.inverseTemperature;
    const least = leastSum(l, <f64>threshold, offsetOf(l, subScore));
    const next = (first / CODE_BLOCK + stride - 1) / stride * stride;
    for (let block = next; block * CODE_BLOCK < end; block += stride) {
      count += popcnt(reaching(l, block, first, end, least, scales));
      seen += min(block * CODE_BLOCK + CODE_BLOCK, end) - max(block * CODE_BLOCK, first);
    }
  }
  return seen > 0 ? <f64>count / <f64>seen : 0;
}

/**
 * Returns the amount that a level of codeErrors adds to a sum, in units of fineStep / Q15, and in the upper 16 bits the same
 * for codeBiases. Both are rounded up. -1 if 15 bits do not hold the largest error or bias.
 */
function scalesOf(l: Layout): i32 {
  const s = changetype<Search>(l.search);
  const errors = ceil(s.queryNorm * <f64>l.errorBound / s.fineStep * (Q15 / CODE_LEVELS));
  const biases = ceil(<f64>l.biasRange / s.fineStep * (Q15 / CODE_LEVELS));
  // NaN if fineStep is 0
  return errors <= CODE_LEVELS && biases <= CODE_LEVELS ? <i32>errors | (<i32>biases << 16) : -1;
}

/**
 * Returns the part of a row's bound that does not depend on its code. `product` is the product of its first codeword and the
 * query.
 */
function offsetOf(l: Layout, product: f64): f64 {
  const s = changetype<Search>(l.search);
  const slack = s.slack / <f64>l.inverseTemperature + s.queryNorm * <f64>l.errorBound * 1.9073486328125e-6; // 2^-19
  return product + s.fineBase + <f64>l.biasLeast + slack;
}

/** Returns the smallest sum, with error and bias, at which a row can reach the threshold. */
function leastSum(l: Layout, threshold: f64, offset: f64): i32 {
  const margin = <f64>l.fineCount * LEVEL_ERROR + SCALED_ERROR;
  const sum = (threshold - offset) / changetype<Search>(l.search).fineStep - margin;
  return <i32>max<f64>(0, min<f64>(LARGEST_SUM, floor(sum)));
}

/**
 * Returns a bit for each row of a block, with a position from `first` up to but not including `end`, that is not
 * excluded and whose sum reaches `least`. `scales` are those of scalesOf. Saturation is upwards, so it keeps rows.
 */
// @ts-ignore: decorator
@inline
function reaching(l: Layout, block: i32, first: i32, end: i32, least: i32, scales: i32): i32 {
  const bytes = <usize>l.fineCount << 4;
  sumBlock(l.fineCodes + <usize>block * bytes, l.fineTables, bytes, l.fineSums);
  const needed = i16x8.splat(<i16>least);
  const errors = i16x8.splat(<i16>scales), biases = i16x8.splat(<i16>(scales >> 16));
  let rows = 0;
  for (let part = 0; part < 4; part++) {
    const o = <usize>(block * CODE_BLOCK + 8 * part) << 1;
    const error = i16x8.q15mulr_sat_s(v128.load(l.codeErrors + o), errors);
    let sums = i16x8.add_sat_u(v128.load(l.fineSums + (<usize>part << 4)), error);
    if (l.bias) sums = i16x8.add_sat_u(sums, i16x8.q15mulr_sat_s(v128.load(l.codeBiases + o), biases));
    rows |= i16x8.bitmask(i16x8.ge_u(sums, needed)) << (8 * part);
  }
  return rows & openRows(l, block, first, end, 0);
}

/** Scores the rows in drawPositions, merges them into the k best, and returns the new threshold. */
function scoreWaiting(l: Layout, count: i32, k: i32, threshold: f32): f32 {
  const layout = changetype<usize>(l);
  scoreScattered(layout, l.drawPositions, count, l.drawScores);
  topPush(layout, l.drawPositions, l.drawScores, count, k);
  const isFull = <i32>changetype<Search>(l.search).topCount == k;
  return isFull ? max(threshold, load<f32>(l.topScores)) : threshold; // the root of the heap is the worst
}
