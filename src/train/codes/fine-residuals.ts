import { FINE_DIMS } from "../../abi.ts";
import { fineCount } from "../../format/tensors.ts";
import type { Quantizer } from "../kmeans/quantizer.ts";

/**
 * Writes the residuals of rows, f32 (rows, dim), under the first codebook to `residuals`, f32 (rows, 2 fineCount), padded
 * with zeros. With "pq" the second half of a row stays as it is.
 */
export function firstResiduals(
  rows: Float32Array,
  codes1: Uint16Array,
  { dim, dim1, codebook1 }: Quantizer,
  residuals: Float32Array,
): void {
  const width = FINE_DIMS * fineCount({ dim, hasFineCodes: true });
  for (let row = 0; row < codes1.length; row++) {
    const codeword = (codes1[row] as number) * dim1;
    for (let d = 0; d < dim; d++) {
      const value = rows[row * dim + d] as number;
      residuals[row * width + d] = d < dim1 ? value - (codebook1[codeword + d] as number) : value;
    }
    residuals.fill(0, row * width + dim, (row + 1) * width);
  }
}
