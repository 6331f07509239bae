import { codebookDims, type IndexFacts, paddedCodeword } from "../facts.ts";

/** f32 (K, dim) codewords with zeros behind each, as the file has them; `which` is 0 or 1. */
export function padCodebook(codebook: Float32Array, facts: IndexFacts, which: 0 | 1): Float32Array {
  const dim = codebookDims(facts)[which];
  const stride = paddedCodeword(dim);
  const padded = new Float32Array(2 ** facts.bits * stride);
  for (let k = 0; k < 2 ** facts.bits; k++) padded.set(codebook.subarray(k * dim, (k + 1) * dim), k * stride);
  return padded;
}
