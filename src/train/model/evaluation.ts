import { type Arena, startArena } from "../runtime/arena.ts";
import { type Examples, idsOf, longestRow, mostIds } from "./examples.ts";
import { planFull } from "./full-layer.ts";
import type { ModelKernels } from "./kernels.ts";
import { loadTables } from "./loaded-tables.ts";
import type { Model } from "./model.ts";
import { planQueries } from "./query-layer.ts";
import type { Hidden } from "./shape.ts";
import type { Tables } from "./tables.ts";

/** Rows that are scored together. */
const BATCH = 16;

/** A row of the examples and the model's output for it, in the instance's memory. */
export interface ScoredRow {
  readonly row: number;
  /** Address of the query, f32 (dim). */
  readonly query: number;
  /** Address of the exact logits of all classes, f32 (classes). The caller may overwrite them. */
  readonly scores: number;
  /** Address of the positives, i32 (positiveCount). */
  readonly positives: number;
  readonly positiveCount: number;
}

export type EachScored = (rows: ArrayLike<number>, visit: (scored: ScoredRow) => void) => void;

/** Returns a function that scores all classes for rows of `examples`, by the tables at the time of the call. */
export function planScoring(
  kernels: ModelKernels,
  arena: Arena,
  tables: Tables,
  hidden: Hidden,
  examples: Examples,
): EachScored {
  const { width: dim } = tables.classes;
  const limits = { batchSize: BATCH, features: mostIds(examples.features, BATCH) };
  const queries = planQueries(kernels, arena, tables, hidden, limits);
  const full = planFull(kernels, arena, tables, queries, BATCH, 0);
  const positives = arena.take(longestRow(examples.positives) * 4);
  return (rows, visit) => {
    for (let first = 0; first < rows.length; first += BATCH) {
      const batch = Array.from({ length: Math.min(BATCH, rows.length - first) }, (_, i) => rows[first + i] as number);
      queries.forward(examples, batch);
      full.score(batch.length);
      for (const [b, row] of batch.entries()) {
        const positiveIds = idsOf(examples.positives, row);
        arena.i32(positives, positiveIds.length).set(positiveIds);
        const query = queries.queries + b * dim * 4;
        visit({ row, query, scores: full.scores + b * full.scoreBytes, positives, positiveCount: positiveIds.length });
      }
    }
  };
}

/** Loads a model into an instance and returns a function that scores all classes. `memory` gives views of its results. */
export function loadScoring(
  kernels: ModelKernels,
  model: Model,
  examples: Examples,
): { readonly each: EachScored; readonly memory: Arena } {
  const memory = startArena(kernels);
  const tables = loadTables(memory, model);
  return { each: planScoring(kernels, memory, tables, model.shape.hidden, examples), memory };
}

/** Computes the queries, f32 (rows, dim), of examples. */
export function queriesOf(
  kernels: ModelKernels,
  model: Model,
  examples: Examples,
  rows: ArrayLike<number>,
): Float32Array<ArrayBuffer> {
  const { dim } = model.shape;
  const queries = new Float32Array(rows.length * dim);
  const { each, memory } = loadScoring(kernels, model, examples);
  let at = 0;
  each(rows, ({ query }) => {
    queries.set(memory.f32(query, dim), at);
    at += dim;
  });
  return queries;
}
