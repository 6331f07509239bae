import type { Column } from "../memory/columns.ts";
import type { OpenedIndex } from "../memory/opened-index.ts";

/** Up to this many ranges of codes are compared, sixteen classes at a time. For more, every code is looked up. */
const MOST_RANGES = 32;

/** The first and the last of consecutive codes. */
type CodeRange = readonly [first: number, last: number];

/** Sets the bits of the positions whose codes have no flag in `passes`. */
export function addFailing(
  opened: Pick<OpenedIndex, "kernels" | "plan">,
  { codes }: Pick<Column, "codes">,
  passes: Uint8Array,
  bits: Int32Array,
): void {
  const ranges = rangesOf(passes);
  if (ranges.length > MOST_RANGES) {
    lookUp(codes, passes, bits);
    return;
  }
  const { kernels, plan } = opened;
  const passing = new Int32Array(kernels.memory.buffer, plan.regions.taken, bits.length); // all 0 between calls
  for (const [first, last] of ranges) {
    kernels.markCodes(codes.byteOffset, codes.BYTES_PER_ELEMENT, codes.length, first, last, passing.byteOffset);
  }
  for (let i = 0; i < bits.length; i++) bits[i] = (bits[i] as number) | ~(passing[i] as number);
  passing.fill(0);
  const rest = codes.length & 31;
  if (rest > 0) bits[bits.length - 1] = (bits.at(-1) as number) & ((1 << rest) - 1);
}

/** Returns the ranges of codes with a flag, as far as they are few. */
function rangesOf(passes: Uint8Array): CodeRange[] {
  const ranges: CodeRange[] = [];
  for (let first = passes.indexOf(1); first >= 0 && ranges.length <= MOST_RANGES; ) {
    const end = passes.indexOf(0, first);
    ranges.push([first, (end < 0 ? passes.length : end) - 1]);
    first = end < 0 ? end : passes.indexOf(1, end);
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
