import type { Kernels } from "./kernels.ts";
import type { WeightKind } from "./knots.ts";
import type { IndexWithAllKernels, OpenedIndex } from "./opened-index.ts";

/**
 * Computes the weights for the conditions of the call, unless they are in place, and returns all kernels. An OpenedIndex
 * shows no other way to the kernels that start from weights. So no search can forget them, and one that reads none does
 * not wait for them.
 */
export function weighed(opened: OpenedIndex, kind: WeightKind = "proposal"): Kernels {
  const whole = opened as IndexWithAllKernels;
  whole.conditions.weigh(whole, kind);
  return whole.kernels;
}
