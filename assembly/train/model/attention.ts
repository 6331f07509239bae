import { ALL_KEPT, KEY_BLOCK } from "../../../src/abi";
import { Attention, mixRows, scoreKeys, weighKeys, weightBytes } from "../../encoder/attention";
import { Matrix } from "../../encoder/matrix";
import { addProducts, packColumns, Panels } from "../../encoder/products";
import { sumLanes } from "../../lanes";
import { keptOfEight, scaleKept } from "./dropout";

// Training computes attention for one window at a time, from its first position on, and the weights once more in the backward
// pass, so that memory holds the weights of only one window and head.

/** The weights of attention that a step drops. */
@unmanaged
export class WeightDropout {
  kept: i32; // of 65,536 weights
  seedLow: u32;
  seedHigh: u32;
  step: u32;
  purpose: u32;
  words: usize; // room for u32 (4)
}

/** The gradients that the backward pass of attention reads and writes. */
@unmanaged
export class AttentionGradients {
  out: usize; // f32 (count), rows of outBytes: of the outputs
  queries: usize; // f32 (count), rows of queryBytes
  keys: usize; // f32 (count), rows of keyBytes
  values: usize; // f32 (count), rows of keyBytes
  slopes: usize; // room of the size of the weights
}

/** Drops weights up to the position of each row: the same ones for the same step and matrix. */
function dropWeights(a: Attention, weights: usize, dropout: usize, matrix: u32): void {
  const d = changetype<WeightDropout>(dropout);
  const kept = d.kept, words = d.words;
  if (kept == ALL_KEPT) return;
  const seed = <u64>d.seedLow | (<u64>d.seedHigh << 32), stream = <u64>d.step | (<u64>d.purpose << 32);
  const most = i16x8.splat(<i16>kept), factor = f32x4.splat(<f32>65536 / <f32>kept);
  const rowBytes = weightBytes(a), blocks = rowBytes >> 5;
  for (let r = 0; r < a.count; r++, weights += rowBytes) {
    let block = (<u64>matrix << 32) | <u64>(<usize>r * blocks);
    for (let at = weights, end = weights + (<usize>(r + 1) << 2); at < end; at += 32, block++) {
      scaleKept(at, keptOfEight(most, seed, block, stream, words), factor);
    }
  }
}

/**
 * Computes attention as `attend` does for a whole window, whose number in the batch is `window`, and drops weights
 * after the softmax.
 *
 * attention: Attention, with `first` 0. dropout: WeightDropout.
 */
export function attendDropped(attention: usize, dropout: usize, window: i32): void {
  const a = changetype<Attention>(attention);
  for (let head = 0; head < a.headCount; head++) {
    const offset = <usize>(head * a.width) << 2;
    weighKeys(a, offset);
    dropWeights(a, a.weights, dropout, window * a.headCount + head);
    mixRows(a, a.weights, a.values + offset, a.out + offset, a.outBytes);
  }
}

/**
 * Sets out[k] to Σ_r weights[r][k] · rows[r] over the positions r from k on, with r ascending.
 *
 * weights: f32, 0 beyond a row's own position. rows: rows of rowsBytes. out: rows of keyBytes.
 */
function mixColumns(a: Attention, weights: usize, rows: usize, rowsBytes: usize, out: usize): void {
  const count = a.count, keyBytes = a.keyBytes, rowBytes = weightBytes(a);
  const left = changetype<Matrix>(a.left), right = changetype<Matrix>(a.right), panels = changetype<Panels>(a.panels);
  for (let k = 0, row = out; k < count; k++, row += keyBytes) memory.fill(row, 0, <usize>a.width << 2);
  for (let r = 0; r < count; r += KEY_BLOCK) {
    const size = min(count - r, KEY_BLOCK);
    right.values = rows + <usize>r * rowsBytes;
    right.rowStep = rowsBytes;
    right.columnStep = 4;
    panels.depth = size;
    panels.columnCount = a.width;
    packColumns(a.right, a.panels);
    left.values = weights + <usize>r * rowBytes;
    left.rowStep = 4;
    left.columnStep = rowBytes;
    addProducts(out, keyBytes, r + size, a.left, a.panels);
  }
}

/** Turns the gradients of the weights, in `slopes`, into gradients of the products of queries and keys. */
function softmaxGradients(a: Attention, slopes: usize): void {
  const rowBytes = weightBytes(a), scales = f32x4.splat(1 / sqrt<f32>(<f32>a.filled));
  let weights = a.weights;
  for (let r = 0; r < a.count; r++, weights += rowBytes, slopes += rowBytes) {
    let sum = f32x4.splat(0);
    for (let o: usize = 0; o < rowBytes; o += 16) {
      sum = f32x4.add(sum, f32x4.mul(v128.load(weights + o), v128.load(slopes + o)));
    }
    const mean = f32x4.splat(sumLanes(sum));
    for (let o: usize = 0; o < rowBytes; o += 16) {
      const slope = f32x4.mul(v128.load(weights + o), f32x4.sub(v128.load(slopes + o), mean));
      v128.store(slopes + o, f32x4.mul(slope, scales));
    }
  }
}

/**
 * The backward pass of attendDropped with the same arguments: sets the gradients of queries, keys and values.
 *
 * attention: Attention, as it was given. gradients: AttentionGradients. dropout: WeightDropout.
 */
export function attendGradient(attention: usize, gradients: usize, dropout: usize, window: i32): void {
  const a = changetype<Attention>(attention), g = changetype<AttentionGradients>(gradients);
  const slopes = g.slopes, outBytes = a.outBytes, queryBytes = a.queryBytes;
  for (let head = 0; head < a.headCount; head++) {
    const offset = <usize>(head * a.width) << 2;
    const matrix = window * a.headCount + head, out = g.out + offset;
    weighKeys(a, offset);
    memory.copy(slopes, a.weights, <usize>a.count * weightBytes(a));
    dropWeights(a, slopes, dropout, matrix);
    mixColumns(a, slopes, out, outBytes, g.values + offset);
    scoreKeys(a, slopes, out, outBytes, a.values + offset);
    dropWeights(a, slopes, dropout, matrix);
    softmaxGradients(a, slopes);
    mixRows(a, slopes, a.keys + offset, g.queries + offset, queryBytes);
    mixColumns(a, slopes, a.queries + offset, queryBytes, g.keys + offset);
  }
}
