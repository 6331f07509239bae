import type { InvertedLists } from "./inverted-lists.ts";
import type { Quantizer } from "./quantizer.ts";
import type { EncodedRows } from "./row-codec.ts";

/** Shares of the rows' norm that storing them loses, and that their codewords leave: see BuildReport. */
export function quantizationErrors(
  data: Float32Array,
  dim: number,
  quantizer: Quantizer,
  lists: InvertedLists,
  stored: EncodedRows,
): { rowError: number; residualShare: number } {
  const { kind, codewordCount, dim1, dim2, codebook1, codebook2 } = quantizer;
  const secondFrom = kind === "rq" ? 0 : dim1;
  let lost = 0;
  let total = 0;
  let residuals = 0;
  let storedTotal = 0;
  for (let b = 0; b < lists.codes.length; b++) {
    const second = (lists.codes[b] as number) % codewordCount;
    const first = ((lists.codes[b] as number) - second) / codewordCount;
    for (let p = lists.offsets[b] as number; p < (lists.offsets[b + 1] as number); p++) {
      const start = (lists.ids[p] as number) * dim;
      for (let d = 0; d < dim; d++) {
        const given = data[start + d] as number;
        const kept = stored.value(p, d);
        let residual = kept;
        if (d < dim1) residual -= codebook1[first * dim1 + d] as number;
        if (d >= secondFrom) residual -= codebook2[second * dim2 + d - secondFrom] as number;
        lost += (given - kept) * (given - kept);
        total += given * given;
        residuals += residual * residual;
        storedTotal += kept * kept;
      }
    }
  }
  return {
    rowError: total > 0 ? Math.sqrt(lost / total) : 0,
    residualShare: storedTotal > 0 ? Math.sqrt(residuals / storedTotal) : 0,
  };
}
