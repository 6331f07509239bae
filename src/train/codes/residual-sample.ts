import type { Quantizer } from "../kmeans/quantizer.ts";
import type { Codes } from "./encode.ts";

/** The values of the sample: enough that directions are known to a few per cent, at the cost of some passes over them. */
const SAMPLE_VALUES = 2 ** 20;
const LEAST_ROWS = 1024;

/** Returns the distance between the rows of the sample. */
function strideOf(itemCount: number, dim: number): number {
  const wanted = Math.max(LEAST_ROWS, Math.floor(SAMPLE_VALUES / dim));
  return Math.max(1, Math.floor(itemCount / wanted));
}

/** Returns the rows of the sample. */
export function sampledRows(itemCount: number, dim: number): Int32Array {
  const stride = strideOf(itemCount, dim);
  return Int32Array.from({ length: Math.ceil(itemCount / stride) }, (_, i) => i * stride);
}

/** Collects the residuals of evenly spaced rows as the rows pass by in order. */
export interface ResidualSample {
  /** Takes the next rows, f32 (rows, dim), with their codes. */
  readonly add: (rows: Codes & { readonly chunk: Float32Array }) => void;
  /** f32 (sampled rows, dim): rows less their codewords. */
  readonly residuals: () => Float32Array;
}

export function startResidualSample(itemCount: number, quantizer: Quantizer): ResidualSample {
  const { kind, dim, dim1, dim2, codebook1, codebook2 } = quantizer;
  const secondFrom = kind === "rq" ? 0 : dim1;
  const stride = strideOf(itemCount, dim);
  const sample = new Float32Array(Math.ceil(itemCount / stride) * dim);
  let first = 0;
  let filled = 0;
  return {
    add({ chunk, codes1, codes2 }) {
      const count = chunk.length / dim;
      for (let row = (stride - (first % stride)) % stride; row < count; row += stride, filled += dim) {
        sample.set(chunk.subarray(row * dim, (row + 1) * dim), filled);
        const from1 = (codes1[row] as number) * dim1;
        const from2 = (codes2[row] as number) * dim2;
        for (let d = 0; d < dim1; d++)
          sample[filled + d] = (sample[filled + d] as number) - (codebook1[from1 + d] as number);
        for (let d = 0; d < dim2; d++) {
          const at = filled + secondFrom + d;
          sample[at] = (sample[at] as number) - (codebook2[from2 + d] as number);
        }
      }
      first += count;
    },
    residuals: () => sample.subarray(0, filled),
  };
}
