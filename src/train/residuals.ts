import type { Quantizer } from "./quantizer.ts";
import type { EncodedRows } from "./row-codec.ts";

export interface Residuals {
  /** As in BuildReport. */
  readonly rowError: number;
  readonly residualShare: number;
}

export interface ResidualSums {
  /** The next rows, f32 (rows, dim), as stored, and their codes. */
  add(data: Float32Array, stored: EncodedRows, codes1: Uint16Array, codes2: Uint16Array): void;
  residuals(): Residuals;
}

/** Sums, row by row, of how far stored rows are from the rows given, and from their codewords. */
export function startResiduals(quantizer: Quantizer): ResidualSums {
  const { kind, dim, dim1, dim2, codebook1, codebook2 } = quantizer;
  const secondFrom = kind === "rq" ? 0 : dim1;
  const centre = new Float64Array(dim);
  let lost = 0;
  let total = 0;
  let residuals = 0;
  let storedTotal = 0;
  return {
    add(data, stored, codes1, codes2) {
      for (let row = 0; row < codes1.length; row++) {
        const first = (codes1[row] as number) * dim1;
        const second = (codes2[row] as number) * dim2;
        for (let d = 0; d < dim1; d++) centre[d] = codebook1[first + d] as number;
        if (kind === "pq") centre.fill(0, dim1);
        for (let d = 0; d < dim2; d++) {
          centre[secondFrom + d] = (centre[secondFrom + d] as number) + (codebook2[second + d] as number);
        }
        let square = 0;
        for (let d = 0; d < dim; d++) {
          const given = data[row * dim + d] as number;
          const kept = stored.value(row, d);
          const residual = kept - (centre[d] as number);
          square += residual * residual;
          lost += (given - kept) * (given - kept);
          total += given * given;
          storedTotal += kept * kept;
        }
        residuals += square;
      }
    },
    residuals: () => ({
      rowError: total > 0 ? Math.sqrt(lost / total) : 0,
      residualShare: storedTotal > 0 ? Math.sqrt(residuals / storedTotal) : 0,
    }),
  };
}
