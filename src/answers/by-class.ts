import type { OpenedIndex } from "../memory/opened-index.ts";

// These functions are about classes that the caller names by id, for the query in place.

/** Returns the positions of classes in the order of the buckets. */
export function positionsOf({ kernels, plan }: OpenedIndex, ids: ArrayLike<number>): Int32Array {
  const positions = new Int32Array(kernels.memory.buffer, plan.regions.positions, plan.capacity);
  const found = new Int32Array(ids.length);
  for (let i = 0; i < found.length; i++) found[i] = positions[ids[i] as number] as number;
  return found;
}

/** Computes the exact logits of classes as the index has them: −∞ for those that changes have removed. */
export function scoresOf(opened: OpenedIndex, ids: ArrayLike<number>): Float32Array {
  const scores = score(opened, ids, false);
  const removed = opened.delta?.removedIds;
  return removed?.size
    ? scores.map((each, i) => (removed.has(ids[i] as number) ? Number.NEGATIVE_INFINITY : each))
    : scores;
}

/** Computes the exact logits of classes under the conditions in place: −∞ for those that are filtered out. */
export const conditionedScoresOf = (opened: OpenedIndex, ids: ArrayLike<number>): Float32Array =>
  score(opened, ids, true);

function score(opened: OpenedIndex, ids: ArrayLike<number>, isConditioned: boolean): Float32Array {
  const { kernels, plan } = opened;
  const scores = new Float32Array(ids.length);
  inChunks(opened, ids, (chunk, at, count) => {
    kernels.scoreIds(plan.layout, chunk, count, plan.regions.drawScores);
    if (isConditioned) kernels.conditionScores(plan.layout, chunk, count, plan.regions.drawScores);
    scores.set(new Float32Array(kernels.memory.buffer, plan.regions.drawScores, count), at);
  });
  return scores;
}

/** Computes log Q of classes under the proposal in place. */
export function logQsOf(opened: OpenedIndex, ids: ArrayLike<number>): Float64Array {
  const { kernels, plan } = opened;
  const logQ = new Float64Array(ids.length);
  inChunks(opened, ids, (_, at, count) => {
    kernels.logQOf(plan.layout, count);
    logQ.set(new Float64Array(kernels.memory.buffer, plan.regions.drawLogQ, count), at);
  });
  return logQ;
}

/** Passes `ids` to `visit` in pieces that fit the draw buffers. */
function inChunks(
  { kernels, plan }: OpenedIndex,
  ids: ArrayLike<number>,
  visit: (address: number, at: number, count: number) => void,
): void {
  const address = plan.regions.drawPositions;
  for (let at = 0; at < ids.length; at += plan.drawCapacity) {
    const count = Math.min(plan.drawCapacity, ids.length - at);
    const chunk = new Int32Array(kernels.memory.buffer, address, count);
    for (let i = 0; i < count; i++) chunk[i] = ids[at + i] as number;
    visit(address, at, count);
  }
}
