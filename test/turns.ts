import { expect } from "vitest";
import { EVERY } from "./size.ts";

/**
 * Every `share`-th of these cases, which of them depends on the name of the running test alone. Where a test runs for many
 * indexes, with several builds, each case has its turn many times. `npm run test:cases` runs all cases in every test. Within cases that
 * take turns themselves `among` names the one at hand, so that each meets all of these in one test or another.
 */
export function inTurn<T>(cases: readonly T[], share: number, among = ""): T[] {
  if (EVERY) return [...cases];
  const hash = hashOf(`${expect.getState().currentTestName ?? ""}${among}`);
  // The lowest bits of a text's hash are those of its parts: they would choose the same pairs in every test.
  const turn = (among === "" ? hash : hash >>> 16) % share;
  return cases.filter((_, i) => i % share === turn);
}

/** FNV-1a. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return hash;
}
