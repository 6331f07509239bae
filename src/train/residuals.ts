import type { InvertedLists } from "./inverted-lists.ts";
import type { Quantizer } from "./quantizer.ts";
import type { EncodedRows } from "./row-codec.ts";

export interface Residuals {
  /** As in BuildReport. */
  readonly rowError: number;
  readonly residualShare: number;
}

/** One pass over the stored rows: how far they are from the rows given, and from their codewords. */
export function measureResiduals(
  data: Float32Array,
  quantizer: Quantizer,
  lists: InvertedLists,
  stored: EncodedRows,
): Residuals {
  const { kind, codewordCount, dim, dim1, dim2, codebook1, codebook2 } = quantizer;
  const secondFrom = kind === "rq" ? 0 : dim1;
  const centre = new Float64Array(dim);
  let lost = 0;
  let total = 0;
  let residuals = 0;
  let storedTotal = 0;
  for (let b = 0; b < lists.codes.length; b++) {
    const code = lists.codes[b] as number;
    const second = code % codewordCount;
    const first = (code - second) / codewordCount;
    centre.fill(0);
    for (let d = 0; d < dim1; d++) centre[d] = codebook1[first * dim1 + d] as number;
    for (let d = 0; d < dim2; d++) {
      centre[secondFrom + d] = (centre[secondFrom + d] as number) + (codebook2[second * dim2 + d] as number);
    }
    for (let p = lists.offsets[b] as number; p < (lists.offsets[b + 1] as number); p++) {
      const start = (lists.ids[p] as number) * dim;
      let square = 0;
      for (let d = 0; d < dim; d++) {
        const given = data[start + d] as number;
        const kept = stored.value(p, d);
        const residual = kept - (centre[d] as number);
        square += residual * residual;
        lost += (given - kept) * (given - kept);
        total += given * given;
        storedTotal += kept * kept;
      }
      residuals += square;
    }
  }
  return {
    rowError: total > 0 ? Math.sqrt(lost / total) : 0,
    residualShare: storedTotal > 0 ? Math.sqrt(residuals / storedTotal) : 0,
  };
}
