import { storedRows } from "../../answers/stored-rows.ts";
import { paddedCodeword } from "../../format/tensor-spec.ts";
import { codebookDims } from "../../format/tensors.ts";
import { lastAtMost } from "../../memory/last-at-most.ts";
import type { OpenedIndex } from "../../memory/opened-index.ts";

/** Returns stored rows less their codewords, f32 (ids, dim), in place of `rows`, and leaves nothing else changed. */
export function storedResiduals(opened: OpenedIndex, ids: Int32Array): Float32Array<ArrayBuffer> {
  const { kernels, plan, header } = opened;
  const { buffer } = kernels.memory;
  const { itemCount, bucketCount, bits, dim, quantizer } = header.facts;
  const [dim1, dim2] = codebookDims(header.facts);
  const at = (name: "bucketCodes" | "bucketOffsets" | "codebook1" | "codebook2"): number =>
    plan.file + (header.tensors[name]?.begin ?? 0);
  const positions = new Int32Array(buffer, plan.regions.positions, itemCount);
  const codes = new Int32Array(buffer, at("bucketCodes"), bucketCount);
  const offsets = new Int32Array(buffer, at("bucketOffsets"), bucketCount + 1);
  const books = [
    { values: new Float32Array(buffer, at("codebook1"), 2 ** bits * paddedCodeword(dim1)), dim: dim1, from: 0 },
    {
      values: new Float32Array(buffer, at("codebook2"), 2 ** bits * paddedCodeword(dim2)),
      dim: dim2,
      from: quantizer === "rq" ? 0 : dim1,
    },
  ];
  const rows = storedRows(opened, ids);
  for (const [i, id] of ids.entries()) {
    const code = codes[lastAtMost(offsets, positions[id] as number)] as number;
    for (const [which, { values, dim: width, from }] of books.entries()) {
      const codeword = which === 0 ? code >> bits : code & (2 ** bits - 1);
      const start = codeword * paddedCodeword(width);
      for (let d = 0; d < width; d++) {
        const place = i * dim + from + d;
        rows[place] = (rows[place] as number) - (values[start + d] as number);
      }
    }
  }
  return rows;
}
