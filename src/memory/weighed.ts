import type { Kernels } from "./kernels.ts";
import type { IndexWithAllKernels, OpenedIndex } from "./opened-index.ts";

/**
 * Computes the weights for the conditions of the call, unless they are in place, and returns all kernels. An OpenedIndex
 * shows no other way to the kernels that start from weights. So no search can forget them, and one that reads none does
 * not wait for them.
 */
export function weighed(opened: OpenedIndex): Kernels {
  const whole = opened as IndexWithAllKernels;
  whole.conditions.weigh(whole, false);
  return whole.kernels;
}

/**
 * Like `weighed`, with the weights of this very temperature and no upper bounds of them, for lower bounds of log Z. At a
 * temperature between knots it takes a pass over all classes.
 */
export function weighedExactly(opened: OpenedIndex): Kernels {
  const whole = opened as IndexWithAllKernels;
  whole.conditions.weigh(whole, true);
  return whole.kernels;
}
