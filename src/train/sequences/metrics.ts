import { idsOf, rowCount } from "../model/examples.ts";
import type { ModelKernels } from "../model/kernels.ts";
import type { Metrics } from "../model/metrics.ts";
import type { Model } from "../model/model.ts";
import { raggedOf } from "../model/tasks.ts";
import type { Arena } from "../runtime/arena.ts";
import { loadSequenceScoring, type Scored, type ScoreEach } from "./scoring.ts";
import type { Sequences } from "./sequences.ts";
import { spacedBatches, type WindowOptions } from "./windows.ts";

/** The settings for measuring a model of sequences. */
export interface SequenceMeasure extends Pick<WindowOptions, "length" | "carry"> {
  readonly k: number;
  readonly positions: Scored;
  /** Items of the sequence before the position are not ranked. */
  readonly withoutSeen: boolean;
  /** Most windows, or positions of a text. */
  readonly limit: number;
  /** Receives the index of the item among all ids and its rank, 0 for the best, of each position. */
  readonly onRank?: (at: number, rank: number) => void;
}

/** Windows that are encoded together. */
const BATCH = 16;

/** Measures the predictions of positions exactly over all classes. Losses are over all classes, ranks without seen items. */
export function sequenceMetrics(
  kernels: ModelKernels,
  model: Model,
  sequences: Sequences,
  { k, withoutSeen, limit, onRank, ...options }: SequenceMeasure,
): Metrics {
  const batches = spacedBatches(sequences, { ...options, batchSize: BATCH }, limit);
  const { each, arena } = loadSequenceScoring(kernels, model, sequences, batches, options);
  return planMeasuring(
    { kernels, arena, each, sequences, classCount: model.shape.classCount },
    { k, withoutSeen, ...(onRank && { onRank }) },
  )();
}

/** Positions that are scored in an instance's memory. */
export interface ScoredPositions {
  readonly kernels: ModelKernels;
  readonly arena: Arena;
  readonly each: ScoreEach;
  readonly sequences: Sequences;
  readonly classCount: number;
}

/** Returns a function that measures positions by the tables at the time of the call. */
export function planMeasuring(
  { kernels, arena, each, sequences, classCount }: ScoredPositions,
  { k, withoutSeen, onRank }: Pick<SequenceMeasure, "k" | "withoutSeen" | "onRank">,
): () => Metrics {
  const beginOf = beginnings(sequences);
  const own = arena.take(classCount * 4 + 16);
  return () => {
    let [loss, recall, ndcg, count] = [0, 0, 0, 0];
    each(({ at, scores, target }) => {
      const id = sequences.ids[at] as number;
      arena.f32(own, classCount).set(arena.f32(scores, classCount));
      loss += kernels.softmaxGradient(scores, classCount, target, 1, 0);
      if (withoutSeen) {
        const ranked = arena.f32(own, classCount);
        for (const seen of sequences.ids.subarray(beginOf(at), at)) {
          if (seen !== id) ranked[seen] = Number.NEGATIVE_INFINITY;
        }
      }
      const rank = kernels.rankOf(own, classCount, id);
      onRank?.(at, rank);
      if (rank < k) {
        recall++;
        ndcg += kernels.log64(2) / kernels.log64(rank + 2);
      }
      count++;
    });
    return {
      rowCount: count,
      loss: loss / count,
      perplexity: kernels.exp64(loss / count),
      k,
      ndcg: ndcg / count,
      recall: recall / count,
      precision: recall / count / k,
    };
  };
}

/** Returns a function that gives the index of the first id of the sequence that an index belongs to. */
function beginnings(sequences: Sequences): (at: number) => number {
  const begins = new Uint32Array(sequences.ids.length);
  for (let row = 0; row < rowCount(sequences); row++) {
    begins.fill(sequences.offsets[row] as number, sequences.offsets[row], sequences.offsets[row + 1]);
  }
  return (at) => begins[at] as number;
}

/** Computes the queries, f32 (rows, dim), after the last items of sequences, each read from a state of 0. */
export function queriesAfter(
  kernels: ModelKernels,
  model: Model,
  sequences: Sequences,
  rows: ArrayLike<number>,
): Float32Array<ArrayBuffer> {
  const { dim, length } = model.shape;
  const queries = new Float32Array(rows.length * dim);
  const lists = Array.from(rows, (row) => {
    const items = idsOf(sequences, row);
    if (items.length === 0) throw new RangeError(`"sequences" row ${row} expected at least one item`);
    const read = items.slice(-(length ?? items.length));
    return [...read, read[0] as number]; // a position has a target, whatever it is
  });
  const all = { ...raggedOf(lists), itemCount: sequences.itemCount };
  const batches = lists.map(({ length }, i) => [{ first: all.offsets[i] as number, length: length - 1 }]);
  if (batches.length === 0) return queries;
  const { each, arena } = loadSequenceScoring(kernels, model, all, batches, { positions: "last", carry: false });
  let at = 0;
  each(({ query }) => {
    queries.set(arena.f32(query, dim), at);
    at += dim;
  });
  return queries;
}
