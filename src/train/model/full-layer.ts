import { MATRIX_VALUES } from "../../../build/structs.ts";
import type { Arena } from "../runtime/arena.ts";
import { type Examples, idsOf } from "./examples.ts";
import type { ModelKernels } from "./kernels.ts";
import { placeLayer } from "./layer.ts";
import { placeMatrix } from "./matrix.ts";
import type { Optimizer } from "./optimizer.ts";
import type { QueryLayer } from "./query-layer.ts";
import type { Tables } from "./tables.ts";

/** Classes that are updated together. A block stays in the cache. */
const BLOCK = 256;

/** The softmax over all classes. */
export interface FullLayer {
  /** Address of the scores of the last call, or of their gradients, f32 (batchSize, classes rounded up to 4). */
  readonly scores: number;
  readonly scoreBytes: number;
  score(rowCount: number): void;
  /**
   * Returns the sum of the rows' losses. Writes the gradients of the mean loss with respect to the queries and updates all
   * classes.
   */
  step(examples: Examples, rows: ArrayLike<number>, optimizer: Optimizer): number;
}

/** Plans the softmax over all classes. `longest` is the largest number of positives of a row. */
export function planFull(
  kernels: ModelKernels,
  arena: Arena,
  tables: Tables,
  { queries, gradients }: Pick<QueryLayer, "queries" | "gradients">,
  batchSize: number,
  longest: number,
): FullLayer {
  const { classes, bias } = tables;
  const { rows: classCount, width: dim } = classes;
  const scoreBytes = Math.ceil(classCount / 4) * 16;
  const scores = arena.take(batchSize * scoreBytes);
  const positives = arena.take(longest * 4);
  const [rowGradients, biasGradients] = [arena.take(BLOCK * dim * 4), arena.take(BLOCK * 4)];
  const ids = arena.take(BLOCK * 4);
  const layer = placeLayer(arena, classes, bias);
  const [byQuery, byClass] = [placeMatrix(arena, scores, scoreBytes, 4), placeMatrix(arena, scores, 4, scoreBytes)];
  const rowsOf = (first: number, count: number): void => {
    const block = arena.i32(ids, count);
    for (let i = 0; i < count; i++) block[i] = first + i;
  };
  const score = (rowCount: number): void => kernels.scoreRows(layer, queries, rowCount, scores, scoreBytes);
  const softmax = (examples: Examples, rows: ArrayLike<number>): number => {
    let sum = 0;
    for (let b = 0; b < rows.length; b++) {
      const positiveIds = idsOf(examples.positives, rows[b] as number);
      arena.i32(positives, positiveIds.length).set(positiveIds);
      sum += kernels.softmaxGradient(
        scores + b * scoreBytes,
        classCount,
        positives,
        positiveIds.length,
        1 / rows.length,
      );
    }
    return sum;
  };
  return {
    scores,
    scoreBytes,
    score,
    step(examples, rows, optimizer) {
      const count = rows.length;
      score(count);
      const loss = softmax(examples, rows);
      for (let first = 0; first < classCount; first += BLOCK) {
        const size = Math.min(BLOCK, classCount - first);
        const weights = scores + first * 4;
        const block = classes.values + first * dim * 4;
        for (const matrix of [byQuery, byClass]) arena.set(matrix, { [MATRIX_VALUES]: weights });
        kernels.addWeightedRows(gradients, count, byQuery, block, size, dim);
        arena.f32(rowGradients, size * dim).fill(0);
        arena.f32(biasGradients, size).fill(0);
        kernels.addWeightedRows(rowGradients, size, byClass, queries, count, dim);
        kernels.sumColumns(weights, count, scoreBytes, size, biasGradients);
        rowsOf(first, size);
        optimizer.step(classes, rowGradients, ids, size);
        optimizer.step(bias, biasGradients, ids, size);
      }
      return loss;
    },
  };
}
