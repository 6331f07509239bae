import { CODE_BLOCK } from "../../src/abi";
import { CODE_LEVELS, Layout, Search } from "../layout";
import { groupStart, sumBlock } from "./codes";
import { dotRows, scorePositions, topPush } from "./query";

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
  const norm = s.queryNorm, step = s.fineStep;
  const errorScale = ceil(norm * <f64>l.errorBound / step * (Q15 / CODE_LEVELS));
  const biasScale = ceil(<f64>l.biasRange / step * (Q15 / CODE_LEVELS));
  if (!(errorScale <= CODE_LEVELS && biasScale <= CODE_LEVELS)) return -1; // step may be 0
  const errors = i16x8.splat(<i16>errorScale), biases = i16x8.splat(<i16>biasScale);
  const margin = <f64>l.fineCount * LEVEL_ERROR + SCALED_ERROR;
  const slack = s.slack / <f64>l.inverseTemperature + norm * <f64>l.errorBound * 1.9073486328125e-6; // 2^-19
  const bytes = <usize>l.fineCount << 4;
  dotRows(l.subQuery1, l.codebook1, l.codewordCount, l.codewordBytes1, l.subScores1);
  let scored = 0, waiting = 0;
  for (let group = 0; group < l.codewordCount; group++) {
    const first = groupStart(l, group), end = groupStart(l, group + 1);
    if (first == end) continue;
    const offset = <f64>load<f32>(l.subScores1 + (<usize>group << 2)) + s.fineBase + <f64>l.biasLeast + slack;
    let least = leastSum(<f64>threshold, offset, step, margin);
    for (let block = first / CODE_BLOCK, last = (end - 1) / CODE_BLOCK; block <= last; block++) {
      sumBlock(l.fineCodes + <usize>block * bytes, l.fineTables, bytes, l.fineSums);
      let rows = reaching(l, block, errors, biases, least);
      if (!rows) continue;
      const start = block * CODE_BLOCK;
      if (start < first) rows &= -1 << (first - start);
      if (start + CODE_BLOCK > end) rows &= (1 << (end - start)) - 1;
      if (l.excluded) rows &= ~load<i32>(l.excluded + (<usize>start >> 3));
      for (; rows; rows &= rows - 1, waiting++) {
        store<i32>(l.drawPositions + (<usize>waiting << 2), start + ctz(rows));
      }
      if (waiting >= ROOM) {
        threshold = scoreWaiting(l, waiting, k, threshold);
        scored += waiting;
        waiting = 0;
        least = leastSum(<f64>threshold, offset, step, margin);
      }
    }
  }
  scoreWaiting(l, waiting, k, threshold);
  return scored + waiting;
}

/** Returns the smallest sum, with error and bias, at which a row can reach the threshold. */
function leastSum(threshold: f64, offset: f64, step: f64, margin: f64): i32 {
  return <i32>max<f64>(0, min<f64>(LARGEST_SUM, floor((threshold - offset) / step - margin)));
}

/**
 * Returns a bit for each row of a block whose sum reaches `least`. The sums are in fineSums. Saturation is upwards, so
 * it keeps rows.
 */
// @ts-ignore: decorator
@inline
function reaching(l: Layout, block: i32, errors: v128, biases: v128, least: i32): i32 {
  const needed = i16x8.splat(<i16>least);
  let rows = 0;
  for (let part = 0; part < 4; part++) {
    const o = <usize>(block * CODE_BLOCK + 8 * part) << 1;
    const error = i16x8.q15mulr_sat_s(v128.load(l.codeErrors + o), errors);
    let sums = i16x8.add_sat_u(v128.load(l.fineSums + (<usize>part << 4)), error);
    if (l.bias) sums = i16x8.add_sat_u(sums, i16x8.q15mulr_sat_s(v128.load(l.codeBiases + o), biases));
    rows |= i16x8.bitmask(i16x8.ge_u(sums, needed)) << (8 * part);
  }
  return rows;
}

/** Scores the rows in drawPositions, merges them into the k best, and returns the new threshold. */
function scoreWaiting(l: Layout, count: i32, k: i32, threshold: f32): f32 {
  const layout = changetype<usize>(l);
  scorePositions(layout, l.drawPositions, count, l.drawScores);
  topPush(layout, l.drawPositions, l.drawScores, count, k);
  const isFull = <i32>changetype<Search>(l.search).topCount == k;
  return isFull ? max(threshold, load<f32>(l.topScores)) : threshold; // the root of the heap is the worst
}
