import { expect } from "vitest";
import { EVERY } from "./size.ts";

/**
 * Every `share`-th of these cases. Which ones depends on the name of the running test alone. If a test runs for many
 * indexes, with several builds, each case has its turn many times. `npm run test:cases` runs all cases in every test.
 * Cases within cases that take turns themselves pass the outer one as `among`, so that every pair occurs in one test or
 * another.
 */
export function inTurn<T>(cases: readonly T[], share: number, among = ""): T[] {
  if (EVERY) return [...cases];
  const hash = hashOf(`${expect.getState().currentTestName ?? ""}${among}`);
  // The lowest bits of a text's hash depend on those of its parts only, so they would choose the same pairs in every
  // test.
  const turn = (among === "" ? hash : hash >>> 16) % share;
  return cases.filter((_, i) => i % share === turn);
}

/** The FNV-1a hash of a text. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return hash;
}
