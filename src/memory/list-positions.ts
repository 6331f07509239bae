import type { OpenedIndex } from "./opened-index.ts";

type Listing = { readonly kernels: Pick<OpenedIndex["kernels"], "listPositions"> } & {
  readonly plan: Pick<OpenedIndex["plan"], "layout">;
};

/**
 * Lists at the address `out` the positions from `first` to before `end` that are neither excluded nor thinned out, and returns their
 * number. The kernel returns the address behind the last, which JavaScript reads as a negative number beyond 2 GiB.
 */
export const listPositions = ({ kernels, plan }: Listing, first: number, end: number, out: number): number =>
  (kernels.listPositions(plan.layout, first, end, out) - out) >>> 2;
