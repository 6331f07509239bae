// The plain scan, the opponent of every index: all rows, as fast as SIMD reads them. Rows are f32, or int8 with the
// best scored again by their f32 rows. It is compiled twice, once with the dot product of relaxed SIMD. It shares the
// library's heap and its kernels for four rows: an opponent that is slower than necessary would flatter the library.
import { dot4F32, dot4I8 } from "../../assembly/dot";
import { siftDown, siftUp } from "../../assembly/heap";
import { sumLanes4I32 } from "../../assembly/lanes";

export { heapBase } from "../../assembly/memory";

/** Returns whether the module uses relaxed SIMD, where the query has 7 bits. */
export function isRelaxed(): bool {
  return ASC_FEATURE_RELAXED_SIMD;
}

// @ts-ignore: decorator
@inline
function at(address: usize, index: i32): usize {
  return address + (<usize>index << 2);
}

/** Offers a row to the heap of the `keep` best, which has `size` entries, and returns its new size. */
function push(scores: usize, ids: usize, size: i32, keep: i32, score: f32, id: i32): i32 {
  if (size < keep) {
    siftUp<f32>(scores, ids, size, score, id);
    return size + 1;
  }
  if (score > load<f32>(scores)) siftDown<f32>(scores, ids, size, score, id);
  return size;
}

/**
 * Offers the rows from i to i + 3 that are below `count`. Nearly always none of them is good enough, which one
 * comparison for all four shows.
 */
// @ts-ignore: decorator
@inline
function offer4(scores: usize, ids: usize, size: i32, keep: i32, four: v128, i: i32, count: i32): i32 {
  if (size == keep && !v128.any_true(f32x4.gt(four, v128.load32_splat(scores)))) return size;
  size = push(scores, ids, size, keep, f32x4.extract_lane(four, 0), i);
  if (i + 1 < count) size = push(scores, ids, size, keep, f32x4.extract_lane(four, 1), i + 1);
  if (i + 2 < count) size = push(scores, ids, size, keep, f32x4.extract_lane(four, 2), i + 2);
  if (i + 3 < count) size = push(scores, ids, size, keep, f32x4.extract_lane(four, 3), i + 3);
  return size;
}

/**
 * Finds the `keep` best of all f32 rows, plus biases, as a heap and returns how many there are. There is room for rows
 * up to a multiple of 4.
 */
export function scanF32(
  rows: usize, stride: usize, biases: usize, count: i32, query: usize, keep: i32, scores: usize, ids: usize,
): i32 {
  let size = 0;
  for (let i = 0, row = rows; i < count; i += 4, row += 4 * stride) {
    const dots = dot4F32(query, row, row + stride, row + 2 * stride, row + 3 * stride, stride);
    size = offer4(scores, ids, size, keep, f32x4.add(dots, v128.load(at(biases, i))), i, count);
  }
  return size;
}

/**
 * Multiplies four int8 rows with a query of values from 0 to 127: the second operand of the instruction has 7 bits
 * wherever it runs.
 */
// @ts-ignore: decorator
@inline
function dot4Relaxed(query: usize, row0: usize, row1: usize, row2: usize, row3: usize, stride: usize): v128 {
  let a0 = i32x4.splat(0), a1 = i32x4.splat(0), a2 = i32x4.splat(0), a3 = i32x4.splat(0);
  for (let o: usize = 0; o < stride; o += 16) {
    const q = v128.load(query + o);
    a0 = i32x4.relaxed_dot_i8x16_i7x16_add_s(v128.load(row0 + o), q, a0);
    a1 = i32x4.relaxed_dot_i8x16_i7x16_add_s(v128.load(row1 + o), q, a1);
    a2 = i32x4.relaxed_dot_i8x16_i7x16_add_s(v128.load(row2 + o), q, a2);
    a3 = i32x4.relaxed_dot_i8x16_i7x16_add_s(v128.load(row3 + o), q, a3);
  }
  return sumLanes4I32(a0, a1, a2, a3);
}

/**
 * Finds the `keep` best of all int8 rows by (dot - shift) · scale · step + bias. The shift is 64 times the sum of a
 * row's values for a query of 7 bits, which had 64 added to make it positive. For a query of 16 bits there are no
 * shifts.
 */
export function scanI8(
  rows: usize, stride: usize, shifts: usize, scales: usize, biases: usize, count: i32,
  query: usize, step: f32, keep: i32, scores: usize, ids: usize,
): i32 {
  let size = 0;
  const steps = f32x4.splat(step);
  for (let i = 0, row = rows; i < count; i += 4, row += 4 * stride) {
    let dots: v128;
    if (ASC_FEATURE_RELAXED_SIMD) {
      const sums = dot4Relaxed(query, row, row + stride, row + 2 * stride, row + 3 * stride, stride);
      dots = f32x4.convert_i32x4_s(i32x4.sub(sums, v128.load(at(shifts, i))));
    } else {
      dots = f32x4.convert_i32x4_s(dot4I8(query, row, row + stride, row + 2 * stride, row + 3 * stride, stride));
    }
    const scaled = f32x4.mul(dots, f32x4.mul(v128.load(at(scales, i)), steps));
    size = offer4(scores, ids, size, keep, f32x4.add(scaled, v128.load(at(biases, i))), i, count);
  }
  return size;
}

/** Finds the k best of `count` candidates by their f32 rows, as a heap. `candidates` has room up to a multiple of 4. */
export function rescore(
  rows: usize, stride: usize, biases: usize, candidates: usize, count: i32,
  query: usize, k: i32, scores: usize, ids: usize,
): i32 {
  let size = 0;
  for (let i = count; i & 3; i++) store<i32>(at(candidates, i), load<i32>(candidates));
  for (let i = 0; i < count; i += 4) {
    const c = at(candidates, i);
    const id0 = load<i32>(c), id1 = load<i32>(c, 4), id2 = load<i32>(c, 8), id3 = load<i32>(c, 12);
    const dots = dot4F32(
      query,
      rows + <usize>id0 * stride, rows + <usize>id1 * stride, rows + <usize>id2 * stride, rows + <usize>id3 * stride,
      stride,
    );
    size = push(scores, ids, size, k, f32x4.extract_lane(dots, 0) + load<f32>(at(biases, id0)), id0);
    if (i + 1 < count) size = push(scores, ids, size, k, f32x4.extract_lane(dots, 1) + load<f32>(at(biases, id1)), id1);
    if (i + 2 < count) size = push(scores, ids, size, k, f32x4.extract_lane(dots, 2) + load<f32>(at(biases, id2)), id2);
    if (i + 3 < count) size = push(scores, ids, size, k, f32x4.extract_lane(dots, 3) + load<f32>(at(biases, id3)), id3);
  }
  return size;
}

/** Sorts a heap of `size` entries, best first. */
export function sortHeap(scores: usize, ids: usize, size: i32): void {
  while (size > 1) {
    size--;
    const score = load<f32>(scores), id = load<i32>(ids);
    const last = load<f32>(at(scores, size)), lastId = load<i32>(at(ids, size));
    siftDown<f32>(scores, ids, size, last, lastId);
    store<f32>(at(scores, size), score);
    store<i32>(at(ids, size), id);
  }
}
