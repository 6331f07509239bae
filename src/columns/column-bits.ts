import type { Column } from "../memory/columns.ts";
import type { Kernels } from "../memory/kernels.ts";

/** Up to this many ranges of codes are compared, sixteen classes at a time. For more, every code is looked up. */
const MOST_RANGES = 32;

/**
 * The first and the last of consecutive codes. If the last is smaller, they go on from the largest number of the codes' type to 0:
 * the codes outside of a range are a range as well.
 */
type CodeRange = [first: number, last: number];

/** Sets the bits of the positions whose codes have no flag in `passes`. The bits are in the memory of the kernels. */
export function addFailing(
  kernels: Pick<Kernels, "markCodes">,
  { codes }: Pick<Column, "codes">,
  passes: Uint8Array,
  bits: Int32Array,
): void {
  const ranges = failingRanges(passes);
  if (ranges.length > MOST_RANGES) {
    lookUp(codes, passes, bits);
    return;
  }
  for (const [first, last] of ranges) {
    kernels.markCodes(codes.byteOffset, codes.BYTES_PER_ELEMENT, codes.length, first, last, bits.byteOffset);
  }
}

/** Returns the ranges of codes without a flag. If they are many, more than MOST_RANGES of them. */
function failingRanges(passes: Uint8Array): CodeRange[] {
  const ranges: CodeRange[] = [];
  for (let first = passes.indexOf(0); first >= 0 && ranges.length <= MOST_RANGES + 1; ) {
    const end = passes.indexOf(1, first);
    ranges.push([first, (end < 0 ? passes.length : end) - 1]);
    first = end < 0 ? end : passes.indexOf(0, end);
  }
  const [lowest, highest] = [ranges[0], ranges.at(-1)];
  if (lowest && highest && lowest !== highest && lowest[0] === 0 && highest[1] === passes.length - 1) {
    highest[1] = lowest[1];
    ranges.shift();
  }
  return ranges;
}

/** Looks up every code. */
function lookUp(codes: Column["codes"], passes: Uint8Array, bits: Int32Array): void {
  for (let at = 0; at < codes.length; at++) {
    const fails = (passes[codes[at] as number] as number) ^ 1;
    bits[at >> 5] = (bits[at >> 5] as number) | (fails << (at & 31));
  }
}
