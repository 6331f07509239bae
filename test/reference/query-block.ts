import type { DerivedIndex } from "./buckets.ts";
import { expInto } from "./exp.ts";
import { log64 } from "./log.ts";
import type { PreparedQuery } from "./query.ts";
import type { ReferenceIndex } from "./reference-index.ts";
import { addRemainder, type Remainder } from "./remainder.ts";
import { scorePositions } from "./score.ts";
import { type Scored, topPush } from "./topk.ts";

// A block of queries, one after the other.

/** A block with a query, a remainder or a prediction at a place. */
export const packed = <T>(block: readonly T[], slot: number, query: T): T[] => {
  const next = [...block];
  next[slot] = query;
  return next;
};

/** What is at a place of a block. */
export const unpacked = <T>(block: readonly T[], slot: number): T | undefined => block[slot];

/** The scores of the rows at `positions` for each query. */
export const scoreBlock = (
  index: ReferenceIndex,
  block: readonly PreparedQuery[],
  positions: Int32Array,
): Float32Array[] => block.map((prepared) => scorePositions(index, prepared, positions));

/** The same with what the remainder of each query adds. */
export const addBlockRemainders = (
  index: ReferenceIndex,
  remainders: readonly Remainder[],
  positions: Int32Array,
  scores: readonly Float32Array[],
): Float32Array[] =>
  remainders.map((remainder, q) => addRemainder(index, remainder, positions, scores[q] as Float32Array));

/** The best `k` of each query, and the logarithms of the masses of the rows. */
export function mergeBlock(
  { ids, inverseTemperature }: DerivedIndex,
  kept: readonly (readonly Scored[])[],
  positions: Int32Array,
  scores: readonly Float32Array[],
  k: number,
): { readonly kept: Scored[][]; readonly logMasses: Float64Array } {
  const entries = scores.map((of) =>
    Array.from(of, (score, i) => ({ id: ids[positions[i] as number] as number, score })),
  );
  return {
    kept: entries.map((of, q) => topPush(kept[q] ?? [], of, k)),
    logMasses: Float64Array.from(scores, (of) => logMassOf(of, inverseTemperature)),
  };
}

function logMassOf(scores: Float32Array, inverseTemperature: number): number {
  if (scores.length === 0) return Number.NEGATIVE_INFINITY;
  const lanes = new Float32Array(Math.ceil(scores.length / 4) * 4).fill(Number.NEGATIVE_INFINITY);
  lanes.set(scores);
  const top = scores.reduce((a, b) => Math.max(a, b));
  return top * inverseTemperature + log64(expInto(lanes, top, inverseTemperature).sum);
}
