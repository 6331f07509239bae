import type { Quantizer } from "../kmeans/quantizer.ts";
import type { Codes } from "./encode.ts";

/**
 * Renumbers the second codewords by the number of buckets that have a class, most first, and updates `codes` in place. Ties
 * keep their order. The number of a codeword changes no answer, but kernels read buckets in quads of four neighbouring
 * second codewords, so quads become fewer and fuller (1M × 64 rows, K = 256: 5,400 instead of 8,100).
 */
export function renumberSecond(quantizer: Quantizer, { codes1, codes2 }: Codes): Quantizer {
  const { codewordCount, dim2, codebook2 } = quantizer;
  const seen = new Uint8Array(codewordCount * codewordCount);
  const buckets = new Int32Array(codewordCount);
  for (let id = 0; id < codes1.length; id++) {
    const second = codes2[id] as number;
    const bucket = (codes1[id] as number) * codewordCount + second;
    if (seen[bucket] === 0) (buckets[second] as number)++;
    seen[bucket] = 1;
  }
  const order = Array.from(buckets.keys()).sort((a, b) => (buckets[b] as number) - (buckets[a] as number));
  const numberOf = new Uint16Array(codewordCount);
  const renumbered = new Float32Array(codebook2.length);
  for (const [number, second] of order.entries()) {
    numberOf[second] = number;
    renumbered.set(codebook2.subarray(second * dim2, (second + 1) * dim2), number * dim2);
  }
  for (let id = 0; id < codes2.length; id++) codes2[id] = numberOf[codes2[id] as number] as number;
  return { ...quantizer, codebook2: renumbered };
}
