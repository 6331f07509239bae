import type { Column } from "../memory/columns.ts";
import type { OpenedIndex } from "../memory/opened-index.ts";

/**
 * Up to so many ranges of codes are compared, by the bytes of a code. For more, every code is looked up. With 1,000,000 classes, a
 * range takes .07 ms with codes of one byte and .15 ms with two, and to look codes up takes .3 and 1 ms; 4 ms for those of four bytes.
 */
const MOST_RANGES: Readonly<Record<number, number>> = { 1: 4, 2: 6, 4: 16 };

/**
 * The first and the last of consecutive codes. If the last is smaller, they go on from the largest number of the codes' type to 0:
 * the codes outside of a range are a range as well.
 */
type CodeRange = [first: number, last: number];

/** Sets the bits of the positions whose codes have no flag in `passes`. The bits are in the memory of the kernels. */
export function addFailing(
  { kernels, plan }: Pick<OpenedIndex, "kernels" | "plan">,
  { codes }: Pick<Column, "codes">,
  passes: Uint8Array,
  bits: Int32Array,
): void {
  const { byteOffset, length, BYTES_PER_ELEMENT: bytes } = codes;
  const most = MOST_RANGES[bytes] as number;
  const ranges = failingRanges(passes, most);
  if (ranges.length <= most) {
    for (const [first, last] of ranges) kernels.markCodes(byteOffset, bytes, length, first, last, bits.byteOffset);
  } else if (bytes > 2) {
    lookUp(codes, passes, bits);
  } else {
    const flags = plan.regions.headPositions; // a table of four bytes for each class, or for more than there are codes
    new Uint8Array(kernels.memory.buffer, flags, passes.length).set(passes.map((flag) => flag ^ 1));
    kernels.markFlagged(byteOffset, bytes, length, flags, bits.byteOffset);
  }
}

/** Returns the ranges of codes without a flag, or, if they are more than `most`, more than that of them. */
function failingRanges(passes: Uint8Array, most: number): CodeRange[] {
  const ranges: CodeRange[] = [];
  for (let first = passes.indexOf(0); first >= 0 && ranges.length <= most + 1; ) {
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
