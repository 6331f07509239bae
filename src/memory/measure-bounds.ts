import type { OpenedIndex } from "./opened-index.ts";

/**
 * Measures the norms that bounds need, once. It takes O(N·D), so it waits for the first call that needs them. Changes make it
 * run before they add rows, whose norms they add themselves.
 */
export function measureBounds(opened: OpenedIndex): void {
  if (opened.hasResiduals) return;
  opened.kernels.measureResiduals(opened.plan.layout);
  if (opened.header.facts.hasFineCodes) opened.kernels.measureCodeErrors(opened.plan.layout);
  opened.hasResiduals = true;
}
