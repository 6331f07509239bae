import type { OpenedIndex } from "../memory/opened-index.ts";

/** Computes log (e^a + e^b), which is −∞ if both are. */
export function logOfSum({ kernels }: OpenedIndex, a: number, b: number): number {
  const top = Math.max(a, b);
  if (top === Number.NEGATIVE_INFINITY) return top;
  return top + kernels.log64(kernels.exp64(a - top) + kernels.exp64(b - top));
}
