import { codebookDims, paddedCodeword } from "../../../facts.ts";
import type { OpenedIndex } from "../../../opened-index.ts";
import type { Codes } from "../../encode.ts";
import type { Quantizer } from "../../quantizer.ts";

// What the file of an index in memory says of its making.

/** Its codebooks. */
export function quantizerOf({ kernels, plan, header }: OpenedIndex): Quantizer {
  const { facts, tensors } = header;
  const codewordCount = 2 ** facts.bits;
  const [dim1, dim2] = codebookDims(facts);
  const read = (begin: number, dim: number): Float32Array => {
    const stride = paddedCodeword(dim);
    const padded = new Float32Array(kernels.memory.buffer, plan.file + begin, codewordCount * stride);
    const codebook = new Float32Array(codewordCount * dim);
    for (let k = 0; k < codewordCount; k++) codebook.set(padded.subarray(k * stride, k * stride + dim), k * dim);
    return codebook;
  };
  return {
    kind: facts.quantizer,
    codewordCount,
    dim: facts.dim,
    dim1,
    dim2,
    codebook1: read(tensors.codebook1?.begin ?? 0, dim1),
    codebook2: read(tensors.codebook2?.begin ?? 0, dim2),
  };
}

/** The codes of its classes. */
export function codesOf({ kernels, plan, header }: OpenedIndex): Codes {
  const { itemCount, bits, bucketCount } = header.facts;
  const read = (begin: number | undefined, length: number): Int32Array =>
    new Int32Array(kernels.memory.buffer, plan.file + (begin ?? 0), length);
  const bucketCodes = read(header.tensors.bucketCodes?.begin, bucketCount);
  const offsets = read(header.tensors.bucketOffsets?.begin, bucketCount + 1);
  const ids = read(header.tensors.ids?.begin, itemCount);
  const codes = { codes1: new Uint16Array(itemCount), codes2: new Uint16Array(itemCount) };
  for (const [bucket, code] of bucketCodes.entries()) {
    for (const id of ids.subarray(offsets[bucket], offsets[bucket + 1])) {
      codes.codes1[id] = code >> bits;
      codes.codes2[id] = code & (2 ** bits - 1);
    }
  }
  return codes;
}
