import type { OpenedIndex } from "../memory/opened-index.ts";
import type { TopK } from "./answers.ts";
import { positionsOf } from "./by-class.ts";

/**
 * Chooses k classes of an answer, its pool, by maximal marginal relevance (Carbonell & Goldstein 1998; docs/recommend.md).
 * Ties go to the class that comes first in the pool. It writes over the query in place.
 */
export function diversify<Answer extends TopK & { readonly probabilities?: Float64Array }>(
  opened: OpenedIndex,
  pool: Answer,
  k: number,
  lambda: number,
): Answer {
  const places = diversePlaces(pool.scores, cosines(opened, pool.ids), k, lambda);
  const { probabilities } = pool;
  return {
    ...pool,
    ids: Int32Array.from(places, (place) => pool.ids[place] as number),
    scores: Float32Array.from(places, (place) => pool.scores[place] as number),
    ...(probabilities && { probabilities: Float64Array.from(places, (place) => probabilities[place] as number) }),
  };
}

/**
 * Returns the places in the pool that are chosen, in the order of the choices. `scores` are in descending order, and
 * `cosinesWith` returns those of one class of the pool with all.
 */
export function diversePlaces(
  scores: Float32Array,
  cosinesWith: (place: number) => Float64Array,
  k: number,
  lambda: number,
): number[] {
  const relevance = relevances(scores);
  const chosen: number[] = [];
  const isChosen = new Uint8Array(relevance.length);
  const similarity = new Float64Array(relevance.length);
  while (chosen.length < Math.min(k, relevance.length)) {
    let best = -1;
    let most = Number.NEGATIVE_INFINITY;
    for (let place = 0; place < relevance.length; place++) {
      if (isChosen[place]) continue;
      const value = lambda * (relevance[place] as number) - (1 - lambda) * (similarity[place] as number);
      if (value <= most) continue;
      best = place;
      most = value;
    }
    isChosen[best] = 1;
    chosen.push(best);
    if (chosen.length === k) break;
    const alike = cosinesWith(best);
    const isFirst = chosen.length === 1;
    for (let place = 0; place < alike.length; place++) {
      const cosine = alike[place] as number;
      if (isFirst || cosine > (similarity[place] as number)) similarity[place] = cosine;
    }
  }
  return chosen;
}

/** Scores from 0 for the lowest to 1 for the highest; all 0 where they are equal. They are in descending order. */
function relevances(scores: Float32Array): Float64Array {
  const lowest = scores.at(-1) ?? 0;
  const range = (scores[0] ?? 0) - lowest;
  return Float64Array.from(scores, (score) => (range > 0 ? (score - lowest) / range : 0));
}

/** Returns 1 / the length of a row with this square, and 0 for a row of zeros, whose cosine with all is 0. */
export const inverseLength = (square: number): number => (square > 0 ? 1 / Math.sqrt(square) : 0);

/** Returns a function that gives the cosines of one class of the pool with all. */
function cosines(opened: OpenedIndex, ids: Int32Array): (place: number) => Float64Array {
  const positions = positionsOf(opened, ids);
  const productsWith = rowProducts(opened);
  const inverseLengths = Float64Array.from(positions, (position, place) =>
    inverseLength(productsWith(position, positions.subarray(place, place + 1))[0] as number),
  );
  const values = new Float64Array(ids.length);
  return (place) => {
    const inverse = inverseLengths[place] as number;
    const { drawCapacity } = opened.plan;
    for (let at = 0; at < values.length; at += drawCapacity) {
      const products = productsWith(positions[place] as number, positions.subarray(at, at + drawCapacity));
      for (let i = at; i < Math.min(at + drawCapacity, values.length); i++) {
        values[i] = (products[i - at] as number) * inverse * (inverseLengths[i] as number);
      }
    }
    return values;
  };
}

/**
 * Returns a function that computes the inner products of one stored row with those of a piece that fits the draw buffers.
 * They are valid until its next call.
 */
function rowProducts({ kernels, plan }: OpenedIndex): (position: number, piece: Int32Array) => Float32Array {
  const { drawPositions, drawScores } = plan.regions;
  const listed = new Int32Array(kernels.memory.buffer, drawPositions, plan.drawCapacity);
  const products = new Float32Array(kernels.memory.buffer, drawScores, plan.drawCapacity);
  return (position, piece) => {
    listed.set(piece);
    kernels.rowProducts(plan.layout, position, drawPositions, piece.length, drawScores);
    return products;
  };
}
