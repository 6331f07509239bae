import { ROWS_F16, ROWS_F32 } from "../../src/abi";
import { halfBits, halfRescale, halvesToF32 } from "../dot";
import { sumLanes } from "../lanes";
import { Layout } from "../layout";
import { RESIDUAL_UNIT } from "../refine";

/** Half an ulp of 1 in f32. */
export const UNIT: f64 = 5.9604644775390625e-8; // 2^-24
/** Residuals smaller than this may have vanished from a sum of squares. */
const FLOOR: f64 = 5.421010862427522e-20; // 2^-64

/**
 * Measures the residuals, from which bounds are made (docs/method.md, section 5). It runs once for an index. O(N D).
 *
 * residualNorms are upper bounds of the norm of (stored row - its codewords), and of a whole outlier, which has no
 * codewords. slotRadii and slotTops are the largest of them, and of the biases, in a bucket. Sets normBound, biasBound and
 * rowBound too. A row with residuals has the larger of its norm and that of the refined row.
 *
 * It uses the place of the query for the sum of codewords, so it must run before a query is prepared. The slots must be
 * in place (layOutSlots), and the values behind the D-th of the query must be 0.
 *
 * The sums are in f32. With u = 2^-24 a sum of squares is off by (D / 4 + 4) u, relative, so its root by half of that,
 * and D + 16 units are added. The part of the f32 subtraction, 2 u (|row| + |codewords|), is in the slack of bounds.ts.
 */
export function measureResiduals(layout: usize): void {
  const l = changetype<Layout>(layout);
  const grow = 1 + <f64>(l.dim + 16) * UNIT;
  let largest: f32 = 0, biasBound: f32 = 0;
  for (let bucket = 0; bucket < l.bucketCount; bucket++) {
    placeCentre(l, load<i32>(l.bucketCodes + (<usize>bucket << 2)));
    const offset = l.bucketOffsets + (<usize>bucket << 2);
    let radius: f32 = 0, top: f32 = -f32.MAX_VALUE;
    for (let position = load<i32>(offset), end = load<i32>(offset, 4); position < end; position++) {
      radius = max(radius, measureNorm(l, position, grow));
      const bias: f32 = l.bias ? load<f32>(l.bias + (<usize>position << 2)) : 0;
      top = max(top, bias);
      biasBound = max(biasBound, abs(bias));
    }
    const slot = <usize>load<i32>(l.bucketSlots + (<usize>bucket << 2)) << 2;
    store<f32>(l.slotRadii + slot, radius);
    store<f32>(l.slotTops + slot, top);
    largest = max(largest, radius);
  }
  memory.fill(l.query, 0, <usize>l.dim << 2);
  for (let position = l.itemCount - l.outlierCount; position < l.itemCount; position++) {
    largest = max(largest, measureNorm(l, position, grow));
    if (l.bias) biasBound = max(biasBound, abs(load<f32>(l.bias + (<usize>position << 2))));
  }
  l.rowBound = <f32>(largestRow(l) * grow + FLOOR);
  const codewords = largestNorm(l.codebook1, l.codewordCount, l.codewordBytes1)
    + largestNorm(l.codebook2, l.codewordCount, l.codewordBytes2);
  l.normBound = <f32>((2 * codewords + <f64>largest) * grow); // the norm of a row is at most codewords + largest
  l.biasBound = biasBound;
}

/** Stores and returns an upper bound of |row - centre|. The centre is at the place of the query. */
function measureNorm(l: Layout, position: i32, grow: f64): f32 {
  const norm = <f32>(sqrt(<f64>largestDistance(l, position)) * grow + FLOOR);
  store<f32>(l.residualNorms + (<usize>position << 2), norm);
  return norm;
}

/** Writes the sum of a bucket's codewords (with PQ, their concatenation) to the place of the query. */
function placeCentre(l: Layout, code: i32): void {
  const first = l.codebook1 + <usize>(code >> l.bits) * <usize>l.codewordBytes1;
  const second = l.codebook2 + <usize>(code & (l.codewordCount - 1)) * <usize>l.codewordBytes2;
  memory.copy(l.query, first, <usize>l.dim1 << 2);
  if (l.dim1 < l.dim) {
    memory.copy(l.query + (<usize>l.dim1 << 2), second, <usize>(l.dim - l.dim1) << 2);
    return;
  }
  for (let o: usize = 0, end = <usize>l.dim << 2; o < end; o += 4) {
    store<f32>(l.query + o, load<f32>(l.query + o) + load<f32>(second + o));
  }
}

/** Returns |row - centre|², of the stored or the refined row, whichever is larger. The centre is at the place of the query. */
export function largestDistance(l: Layout, position: i32): f32 {
  const distance = squaredDistance(l, position, 0);
  return l.residualRows ? max(distance, squaredDistance(l, position, l.residualRows)) : distance;
}

/** Loads four int8 codes as f32. */
// @ts-ignore: decorator
@inline
function codesAt(p: usize): v128 {
  return f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(i16x8.extend_low_i8x16_s(v128.load32_zero(p))));
}

/**
 * Returns |row - centre|² in f32, of the row that is refined by the rows of residuals at `residuals` unless that is 0. The
 * centre is at the place of the query.
 */
function squaredDistance(l: Layout, position: i32, residuals: usize): f32 {
  const row = l.rows + <usize>position * <usize>l.rowBytes, end = row + <usize>l.rowBytes, rowType = l.rowType;
  let sum = f32x4.splat(0), centre = l.query;
  if (rowType == ROWS_F32) {
    for (let p = row; p < end; p += 16, centre += 16) {
      const d = f32x4.sub(v128.load(p), v128.load(centre));
      sum = f32x4.add(sum, f32x4.mul(d, d));
    }
  } else if (rowType == ROWS_F16) {
    const bits = halfBits(), rescale = halfRescale();
    for (let p = row; p < end; p += 8, centre += 16) {
      const d = f32x4.sub(halvesToF32(p, bits, rescale), v128.load(centre));
      sum = f32x4.add(sum, f32x4.mul(d, d));
    }
  } else {
    const scale = v128.load32_splat(l.rowScales + (<usize>position << 2));
    const unit = f32x4.splat(RESIDUAL_UNIT);
    for (let p = row; p < end; p += 4, centre += 16) {
      let value = codesAt(p);
      if (residuals) value = f32x4.add(value, f32x4.mul(codesAt(residuals + (p - l.rows)), unit));
      const d = f32x4.sub(f32x4.mul(value, scale), v128.load(centre));
      sum = f32x4.add(sum, f32x4.mul(d, d));
    }
  }
  return sumLanes(sum);
}

/** Returns the largest norm of a stored row. The place of the query must hold zeros. */
function largestRow(l: Layout): f64 {
  let square: f32 = 0;
  for (let position = 0; position < l.itemCount; position++) square = max(square, squaredDistance(l, position, 0));
  return sqrt(<f64>square);
}

/** Returns the largest norm of `count` f32 rows, computed in f64. */
function largestNorm(rows: usize, count: i32, rowBytes: i32): f64 {
  let largest: f64 = 0;
  for (let p = rows, end = rows + <usize>count * <usize>rowBytes; p < end; p += <usize>rowBytes) {
    let square: f64 = 0;
    for (let o: usize = 0; o < <usize>rowBytes; o += 4) {
      const value = <f64>load<f32>(p + o);
      square += value * value;
    }
    largest = max(largest, square);
  }
  return sqrt(largest);
}
