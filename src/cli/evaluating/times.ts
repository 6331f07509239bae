import type { MultiIndex } from "../../index.ts";
import { proposalOf, topOptionsOf } from "../../train/evaluation/effort.ts";
import type { EvaluatedEffort } from "../../train/index.ts";

/** Median µs of a call in this process, one thread. */
export interface CallTimes {
  readonly predict: number;
  /** TIMED_DRAWS draws. */
  readonly sample: number;
  readonly topK: number;
  /** predict from all rows, which is the full softmax over the same rows by the same kernels. */
  readonly exactSoftmax: number;
}

const ROUNDS = 8;
const BURST = 16;
const K = 10;
/** Draws of a timed call of sample. */
export const TIMED_DRAWS = 100;

/**
 * The calls take turns, so that a change of the machine's speed meets all alike, BURST of a kind in a row, so that each finds
 * its own data in the caches. The first quarter warms up and is left out.
 */
export function callTimes(index: MultiIndex, queries: Float32Array, effort: EvaluatedEffort): CallTimes {
  const { dim, itemCount, hasFineCodes } = index.info;
  const k = Math.min(K, itemCount);
  const [proposal, top] = [proposalOf(effort), topOptionsOf(effort, hasFineCodes)];
  const { draws, seed } = effort;
  const calls: Record<keyof CallTimes, (query: Float32Array) => unknown> = {
    predict: (query) => index.predict(query, k, { ...proposal, draws, seed }),
    sample: (query) => index.sample(query, TIMED_DRAWS, { ...proposal, seed }),
    topK: (query) => index.topK(query, k, top),
    exactSoftmax: (query) => index.predict(query, k, { exact: true }),
  };
  const taken: Record<keyof CallTimes, number[]> = { predict: [], sample: [], topK: [], exactSoftmax: [] };
  const names = Object.keys(calls) as (keyof CallTimes)[];
  const queryCount = queries.length / dim;
  for (let round = 0; round < ROUNDS; round++) {
    for (const name of names) {
      for (let i = round * BURST; i < (round + 1) * BURST; i++) {
        const row = i % queryCount;
        const query = queries.subarray(row * dim, (row + 1) * dim);
        const start = performance.now();
        calls[name](query);
        taken[name].push(1000 * (performance.now() - start));
      }
    }
  }
  return {
    predict: medianOf(taken.predict),
    sample: medianOf(taken.sample),
    topK: medianOf(taken.topK),
    exactSoftmax: medianOf(taken.exactSoftmax),
  };
}

function medianOf(times: readonly number[]): number {
  const kept = times.slice(times.length >> 2).sort((a, b) => a - b);
  return Number((kept[kept.length >> 1] as number).toFixed(2));
}
