import { KEY_BLOCK } from "../../src/abi";
import { exp4 } from "../exp";
import { maxOf, sumLanes } from "../lanes";
import { Matrix } from "./matrix";
import { addProducts, packColumns, Panels } from "./products";

// Causal attention of one sequence: the query of a position mixes the values of the positions up to it. Keys are taken
// in blocks, from the first position on, so a row has the same bits whatever comes after it, alone or among others.

/** The arguments of attention. Heads lie side by side in a row, `width` values each. */
@unmanaged
export class Attention {
  queries: usize; // f32 (count − first), rows of queryBytes: those of the positions from `first` on
  keys: usize; // f32 (count), rows of keyBytes
  values: usize; // f32 (count), rows of keyBytes
  out: usize; // f32 (count − first), rows of outBytes
  weights: usize; // f32 (count − first, count rounded up to 8): those of one head
  queryBytes: usize;
  keyBytes: usize;
  outBytes: usize;
  left: usize; // Matrix, which the kernels write
  right: usize; // Matrix, which the kernels write
  panels: usize; // Panels, with room for a block of 32 keys of `width` values rounded up to 32
  headCount: i32;
  width: i32; // a multiple of 4
  filled: i32; // of these, the values before the padding of 0
  first: i32;
  count: i32;
}

/** The bytes of a row of weights. Every row begins a block of eight random numbers. */
// @ts-ignore: decorator
@inline
export function weightBytes(a: Attention): usize {
  return <usize>((a.count + 7) & ~7) << 2;
}

// @ts-ignore: decorator
@inline
function place(matrix: usize, values: usize, rowStep: usize, columnStep: usize): usize {
  const m = changetype<Matrix>(matrix);
  m.values = values;
  m.rowStep = rowStep;
  m.columnStep = columnStep;
  return matrix;
}

/** Packs a matrix (depth, columnCount) whose place is in `a.right`. */
// @ts-ignore: decorator
@inline
function pack(a: Attention, depth: i32, columnCount: i32): usize {
  const p = changetype<Panels>(a.panels);
  p.depth = depth;
  p.columnCount = columnCount;
  packColumns(a.right, a.panels);
  return a.panels;
}

/**
 * Sets out[r][k] to <left[r], right[k]> for the keys k up to the end of the block of position r, and to 0 beyond.
 *
 * out: f32, of the shape of the weights. left, right: rows of leftBytes and of keyBytes.
 */
export function scoreKeys(a: Attention, out: usize, left: usize, leftBytes: usize, right: usize): void {
  const count = a.count, first = a.first, keyBytes = a.keyBytes, rowBytes = weightBytes(a);
  memory.fill(out, 0, <usize>(count - first) * rowBytes);
  for (let key = 0; key < count; key += KEY_BLOCK) {
    const size = min(count - key, KEY_BLOCK);
    const from = max(key - first, 0);
    place(a.right, right + <usize>key * keyBytes, 4, keyBytes);
    const panels = pack(a, a.width, size);
    const rows = place(a.left, left + <usize>from * leftBytes, leftBytes, 4);
    const scores = out + <usize>from * rowBytes + (<usize>key << 2);
    addProducts(scores, rowBytes, count - first - from, rows, panels);
  }
}

/**
 * Sets out[r] to Σ_k weights[r][k] · right[k] over the keys k up to position r, with k ascending.
 *
 * weights: f32, 0 beyond a row's own position. right: rows of keyBytes. out: rows of outBytes.
 */
export function mixRows(a: Attention, weights: usize, right: usize, out: usize, outBytes: usize): void {
  const count = a.count, first = a.first, keyBytes = a.keyBytes, rowBytes = weightBytes(a);
  for (let r = first, row = out; r < count; r++, row += outBytes) memory.fill(row, 0, <usize>a.width << 2);
  for (let key = 0; key < count; key += KEY_BLOCK) {
    const from = max(key - first, 0);
    place(a.right, right + <usize>key * keyBytes, keyBytes, 4);
    const panels = pack(a, min(count - key, KEY_BLOCK), a.width);
    const rows = place(a.left, weights + <usize>from * rowBytes + (<usize>key << 2), rowBytes, 4);
    addProducts(out + <usize>from * outBytes, outBytes, count - first - from, rows, panels);
  }
}

/** Replaces the scores of each row by the weights of the softmax over the keys up to its position. */
function softmaxRows(a: Attention): void {
  const rowBytes = weightBytes(a), scales = f32x4.splat(1 / sqrt<f32>(<f32>a.filled));
  let row = a.weights;
  for (let position = a.first; position < a.count; position++, row += rowBytes) {
    const count = position + 1, end = row + (<usize>count << 2);
    for (let i = count; i < ((count + 3) & ~3); i++) store<f32>(row + (<usize>i << 2), -Infinity);
    const most = f32x4.splat(maxOf(row, count));
    let sum = f32x4.splat(0);
    for (let at = row; at < end; at += 16) {
      const raised = exp4(f32x4.mul(f32x4.sub(v128.load(at), most), scales));
      v128.store(at, raised);
    }
    memory.fill(end, 0, row + rowBytes - end);
    for (let at = row; at < end; at += 16) sum = f32x4.add(sum, v128.load(at));
    const inverse = f32x4.splat(1 / sumLanes(sum));
    for (let at = row; at < end; at += 16) v128.store(at, f32x4.mul(v128.load(at), inverse));
  }
}

/** Computes the weights of the head whose values begin at `offset` bytes of a row. */
export function weighKeys(a: Attention, offset: usize): void {
  scoreKeys(a, a.weights, a.queries + offset, a.queryBytes, a.keys + offset);
  softmaxRows(a);
}

/**
 * Computes causal attention (Vaswani et al. 2017): row r of a head becomes Σ_k w_k values[k] over the positions k up to
 * r, with w the softmax of <queries[r], keys[k]> / √filled. O(headCount · (count − first) · count · width).
 *
 * attention: Attention.
 */
export function attend(attention: usize): void {
  const a = changetype<Attention>(attention);
  for (let head = 0; head < a.headCount; head++) {
    const offset = <usize>(head * a.width) << 2;
    weighKeys(a, offset);
    mixRows(a, a.weights, a.values + offset, a.out + offset, a.outBytes);
  }
}
