import type { MultiIndex } from "../../src/index.ts";
import { Categorical } from "./categorical.ts";
import { seededRandom } from "./random.ts";

/** Independent draws in their order, with exact scores and log Q. */
export interface ScoredDraws {
  readonly ids: ArrayLike<number>;
  readonly scores: ArrayLike<number>;
  readonly logQ: ArrayLike<number>;
}

export type Proposal = (query: Float32Array, count: number, seed: number) => ScoredDraws;

/** Returns the proposal of the index, with a head of `scan` classes, or without a head for 0. */
export function multiIndexProposal(index: MultiIndex, scan: number): Proposal {
  return (query, count, seed) => index.sample(query, count, { scan, seed });
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
