import { expect } from "vitest";
import { EVERY } from "./size.ts";

/**
 * Every `share`-th of these cases, which of them depends on the name of the running test alone. Where a test runs for many
 * indexes, with several builds, each case has its turn many times. `npm run test:cases` runs all cases in every test.
 */
export function inTurn<T>(cases: readonly T[], share: number): T[] {
  if (EVERY) return [...cases];
  const turn = hashOf(expect.getState().currentTestName ?? "") % share;
  return cases.filter((_, i) => i % share === turn);
}

/** FNV-1a. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return hash;
}
