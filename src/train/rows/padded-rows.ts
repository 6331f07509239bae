import type { IndexFacts } from "../../format/facts.ts";
import { paddedCodeword } from "../../format/tensor-spec.ts";
import { codebookDims } from "../../format/tensors.ts";
import { bytesOf } from "../runtime/byte-chunks.ts";

/** f32 (K, dim) codewords with zeros behind each, as the file has them; `which` is 0 or 1. */
export function padCodebook(codebook: Float32Array, facts: IndexFacts, which: 0 | 1): Float32Array {
  const dim = codebookDims(facts)[which];
  const stride = paddedCodeword(dim);
  return padRows(codebook, 2 ** facts.bits, dim, stride);
}

/** f32 (count, dim) with zeros behind each row. */
function padRows(rows: Float32Array, count: number, dim: number, stride: number): Float32Array {
  if (stride === dim) return rows;
  const padded = new Float32Array(count * stride);
  for (let k = 0; k < count; k++) padded.set(rows.subarray(k * dim, (k + 1) * dim), k * stride);
  return padded;
}

/** The table of features, or their positions, as the file has it: a block of rows at a time. */
export function* paddedBlocks(rows: Float32Array, dim: number): Generator<Uint8Array> {
  const step = Math.max(1, Math.floor(BLOCK_VALUES / dim)) * dim;
  for (let at = 0; at < rows.length; at += step) {
    const block = rows.subarray(at, at + step);
    yield bytesOf(padRows(block, block.length / dim, dim, paddedCodeword(dim)));
  }
}

/** A mebibyte. */
const BLOCK_VALUES = 2 ** 18;
