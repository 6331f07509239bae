import { codebookDims, type IndexFacts, paddedCodeword, type TensorName, tensorTable } from "../facts.ts";

/** f32 (K, dim) codewords with zeros behind each, as the file has them; `which` is 0 or 1. */
export function padCodebook(codebook: Float32Array, facts: IndexFacts, which: 0 | 1): Float32Array {
  const dim = codebookDims(facts)[which];
  const stride = paddedCodeword(dim);
  const padded = new Float32Array(2 ** facts.bits * stride);
  for (let k = 0; k < 2 ** facts.bits; k++) padded.set(codebook.subarray(k * dim, (k + 1) * dim), k * stride);
  return padded;
}

/** The bytes of each tensor, zeros up to the size its shape has in the file. */
export function padTensors(
  facts: IndexFacts,
  tensors: Partial<Record<TensorName, ArrayBufferView>>,
): Partial<Record<TensorName, Uint8Array>> {
  const padded: Partial<Record<TensorName, Uint8Array>> = {};
  for (const { name, shape } of tensorTable(facts)) {
    const view = tensors[name] as ArrayBufferView;
    const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
    if (name === "rows" || name.startsWith("codebook")) {
      padded[name] = bytes;
      continue;
    }
    const whole = new Uint8Array((shape[0] as number) * 4);
    whole.set(bytes);
    padded[name] = whole;
  }
  return padded;
}
