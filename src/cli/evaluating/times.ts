import type { AnySampleOptions, ExactDraws } from "../../index.ts";
import { estimateOptionsOf, proposalOf, topOptionsOf } from "../../train/evaluation/effort.ts";
import type { EvaluatedIndex } from "../../train/evaluation/evaluated-index.ts";
import type { EvaluatedEffort } from "../../train/index.ts";

/** Median times of calls in this process, in one thread, in µs. */
export interface CallTimes {
  readonly predict: number;
  /** sample with TIMED_DRAWS draws. */
  readonly sample: number;
  readonly topK: number;
  /** predict with `exact`: the full softmax over the same rows, with the same kernels. */
  readonly exactSoftmax: number;
}

/** The index that is timed, or several parts that answer as one. */
export interface TimedIndex extends EvaluatedIndex {
  sample(query: Float32Array, draws: number, options: AnySampleOptions): ExactDraws | Promise<ExactDraws>;
}

const ROUNDS = 8;
const BURST = 16;
const K = 10;
/** The draws of a timed call of sample. */
const TIMED_DRAWS = 100;

/**
 * Times each kind of call in bursts of BURST, which keep its data in the caches. The kinds take turns, so that a change of
 * the machine's speed affects all of them. The first quarter of the calls warms up and is left out.
 */
export async function callTimes(index: TimedIndex, queries: Float32Array, effort: EvaluatedEffort): Promise<CallTimes> {
  const { dim, itemCount, hasFineCodes } = index.info;
  const k = Math.min(K, itemCount);
  const [proposal, top] = [proposalOf(effort), topOptionsOf(effort, hasFineCodes)];
  const { seed } = effort;
  const calls: Record<keyof CallTimes, (query: Float32Array) => unknown> = {
    predict: (query) => index.predict(query, k, estimateOptionsOf(effort)),
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
        const answer = calls[name](query);
        if (answer instanceof Promise) await answer;
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
