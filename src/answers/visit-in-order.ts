import { lastAtMost } from "../memory/last-at-most.ts";

/**
 * Calls `visit` with each draw, its block, and the share of the block's mass that lies before it. `massBefore` has the mass
 * before each block and, last, the total. Draws come in ascending order of their masses, so each block is met at most once.
 */
export function visitInOrder(
  massBefore: Float64Array,
  draws: number,
  uniform: (draw: number) => number,
  visit: (draw: number, block: number, share: number) => void,
): void {
  const total = massBefore.at(-1) as number;
  const targets = Float64Array.from({ length: draws }, (_, draw) => uniform(draw) * total);
  const order = Array.from(targets.keys()).sort((a, b) => (targets[a] as number) - (targets[b] as number));
  for (const draw of order) {
    const target = targets[draw] as number;
    const block = lastAtMost(massBefore, target);
    const before = massBefore[block] as number;
    visit(draw, block, (target - before) / ((massBefore[block + 1] as number) - before));
  }
}
