import type { MultiIndex } from "../../src/index.ts";
import { INDEX_LIMITS } from "../../worker/contract/limits.ts";
import { Categorical } from "./categorical.ts";
import { seededRandom } from "./random.ts";

/** Independent draws in their order, with exact scores and log Q. */
export interface ScoredDraws {
  readonly ids: ArrayLike<number>;
  readonly scores: ArrayLike<number>;
  readonly logQ: ArrayLike<number>;
}

export type Proposal = (query: Float32Array, count: number, seed: number) => ScoredDraws;

/** The distance between the seeds of two calls, which is above all seeds of runs. */
const SEED_STEP = 2 ** 32;

/**
 * Returns the proposal of the index, with a head of `scan` classes, or without a head for 0. The index has the limits of the
 * server, which are fewer draws in a call than a run has, so a run takes several calls.
 */
export function multiIndexProposal(index: MultiIndex, scan: number): Proposal {
  const { maxDraws } = INDEX_LIMITS;
  return (query, count, seed) => {
    const calls = Array.from({ length: Math.ceil(count / maxDraws) }, (_, call) =>
      index.sample(query, Math.min(maxDraws, count - call * maxDraws), { scan, seed: seed + call * SEED_STEP }),
    );
    return {
      ids: calls.flatMap(({ ids }) => Array.from(ids)),
      scores: calls.flatMap(({ scores }) => Array.from(scores)),
      logQ: calls.flatMap((draws) => Array.from(draws.logQ)),
    };
  };
}

/** Returns the uniform distribution over all classes. */
export function uniformProposal(index: MultiIndex): Proposal {
  const { itemCount } = index.info;
  const logQ = -Math.log(itemCount);
  return (query, count, seed) => {
    const random = seededRandom(seed);
    const ids = Int32Array.from({ length: count }, () => Math.floor(random() * itemCount));
    return { ids, scores: index.score(query, ids), logQ: new Float64Array(count).fill(logQ) };
  };
}

/** Returns the softmax of the biases, which reflects how often a class occurs regardless of the query. */
export function unigramProposal(index: MultiIndex): Proposal {
  const { itemCount, dim } = index.info;
  const everyClass = Int32Array.from({ length: itemCount }, (_, id) => id);
  const unigram = new Categorical(index.score(new Float32Array(dim), everyClass));
  return (query, count, seed) => {
    const random = seededRandom(~seed);
    const ids = Int32Array.from({ length: count }, () => unigram.at(random()));
    return { ids, scores: index.score(query, ids), logQ: Float64Array.from(ids, (id) => unigram.logProbability(id)) };
  };
}
