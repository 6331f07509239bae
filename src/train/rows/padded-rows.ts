import type { IndexFacts } from "../../format/facts.ts";
import { paddedCodeword } from "../../format/tensor-spec.ts";
import { codebookDims } from "../../format/tensors.ts";
import { bytesOf } from "../runtime/byte-chunks.ts";

/** Pads codewords, f32 (K, dim), with zeros as the file stores them. `which` is 0 for C1 and 1 for C2. */
export function padCodebook(codebook: Float32Array, facts: IndexFacts, which: 0 | 1): Float32Array {
  const dim = codebookDims(facts)[which];
  const stride = paddedCodeword(dim);
  return padRows(codebook, 2 ** facts.bits, dim, stride);
}

/** Pads rows, f32 (count, dim), with zeros to `stride` values each. */
export function padRows(rows: Float32Array, count: number, dim: number, stride: number): Float32Array {
  if (stride === dim) return rows;
  const padded = new Float32Array(count * stride);
  for (let k = 0; k < count; k++) padded.set(rows.subarray(k * dim, (k + 1) * dim), k * stride);
  return padded;
}

/** Yields the table of features or of positions as the file stores it, a block of rows at a time. */
export function* paddedBlocks(rows: Float32Array, dim: number): Generator<Uint8Array> {
  const step = Math.max(1, Math.floor(BLOCK_VALUES / dim)) * dim;
  for (let at = 0; at < rows.length; at += step) {
    const block = rows.subarray(at, at + step);
    yield bytesOf(padRows(block, block.length / dim, dim, paddedCodeword(dim)));
  }
}

/** Values of a block, which is 1 MiB. */
const BLOCK_VALUES = 2 ** 18;
