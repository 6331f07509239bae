import { PRODUCTS_BYTES, PRODUCTS_DIM, PRODUCTS_FACTORS, PRODUCTS_ROWS } from "../../../build/structs.ts";
import type { Arena } from "../runtime/arena.ts";
import { type Examples, idsOf } from "./examples.ts";
import { planHidden } from "./hidden-layer.ts";
import type { ModelKernels } from "./kernels.ts";
import type { Optimizer } from "./optimizer.ts";
import type { Hidden } from "./shape.ts";
import { planSlots } from "./slots.ts";
import type { Table, Tables } from "./tables.ts";

/** Computes the queries of a batch from its features, and takes the gradients back. */
export interface QueryLayer {
  /** Address of the queries of the last `forward`, f32 (batchSize, dim). */
  readonly queries: number;
  /** Address of the gradients of the queries, f32 (batchSize, dim). `forward` sets them to 0 and `backward` reads them. */
  readonly gradients: number;
  forward(examples: Examples, rows: ArrayLike<number>): void;
  /** Updates all tables that the queries of the last `forward` came from. */
  backward(optimizer: Optimizer): void;
}

export interface QueryLimits {
  readonly batchSize: number;
  /** Most features of a batch. */
  readonly features: number;
}

export function planQueries(
  kernels: ModelKernels,
  arena: Arena,
  tables: Tables,
  hidden: Hidden,
  { batchSize, features }: QueryLimits,
): QueryLayer {
  const { width: dim, values: vectors } = tables.features;
  const [ids, weights, slots] = [arena.take(features * 4), arena.take(features * 4), arena.take(features * 4)];
  const sums = arena.take(batchSize * dim * 4);
  const sumGradients = arena.take(batchSize * dim * 4);
  const inputs = { inputs: sums, inputGradients: sumGradients };
  const layer = hidden === "none" ? undefined : planHidden(kernels, arena, tables, hidden, batchSize, inputs);
  const touched = planSlots(kernels, arena, [tables.features], features);
  const featureGradients = touched.gradients[0] as number;
  const positions = tables.positions && {
    ...tables.positions,
    ...planPositions(arena, tables.positions, vectors, featureGradients),
  };
  /** The rows of the last batch. */
  let last: readonly LoadedRow[] = [];

  return {
    queries: layer?.outputs ?? sums,
    gradients: layer?.gradients ?? sumGradients,
    forward(examples, rows) {
      last = loadFeatures(examples, rows, arena.i32(ids, features), arena.f32(weights, features));
      arena.f32(sums, rows.length * dim).fill(0);
      for (const { row, first, count } of last) {
        const sum = sums + row * dim * 4;
        if (!positions) kernels.addPickedRows(sum, weights + first, ids + first, count, vectors, dim);
        else kernels.addPickedProducts(positions.products, ids + first, weights + first, count, sum);
      }
      layer?.forward(rows.length);
      arena.f32(layer?.gradients ?? sumGradients, rows.length * dim).fill(0);
    },
    backward(optimizer) {
      layer?.backward(last.length, optimizer);
      touched.assign(
        ids,
        last.reduce((sum, { count }) => sum + count, 0),
        slots,
      );
      if (positions) arena.f32(positions.gradients, positions.rows * dim).fill(0);
      for (const { row, first, count } of last) {
        const gradient = sumGradients + row * dim * 4;
        const [w, s] = [weights + first, slots + first];
        if (positions) {
          kernels.addToRowsTimes(positions.gradientProducts, s, w, count, gradient);
          kernels.addToFactors(positions.factorGradients, ids + first, w, count, gradient);
        } else kernels.addToRows(featureGradients, s, w, count, gradient, dim);
      }
      touched.step(optimizer);
      if (positions) optimizer.step(positions, positions.gradients, positions.ids, positions.rows);
    },
  };
}

/** The memory that positions need beside their table, by address. */
interface PlannedPositions {
  readonly gradients: number;
  readonly ids: number;
  /** Structs that pair the feature vectors or their gradients with the positions or theirs. */
  readonly products: number;
  readonly gradientProducts: number;
  readonly factorGradients: number;
}

function planPositions(
  arena: Arena,
  { rows, width, values }: Table,
  vectors: number,
  vectorGradients: number,
): PlannedPositions {
  const ids = arena.take(rows * 4);
  const identity = arena.i32(ids, rows);
  for (let row = 0; row < rows; row++) identity[row] = row;
  const gradients = arena.take(rows * width * 4);
  const place = (of: number, factors: number): number =>
    arena.struct(PRODUCTS_BYTES, { [PRODUCTS_ROWS]: of, [PRODUCTS_FACTORS]: factors, [PRODUCTS_DIM]: width });
  return {
    gradients,
    ids,
    products: place(vectors, values),
    gradientProducts: place(vectorGradients, values),
    factorGradients: place(vectors, gradients),
  };
}

/** A row of a batch and its part of the features of the batch, which starts `first` bytes in. */
interface LoadedRow {
  readonly row: number;
  readonly first: number;
  readonly count: number;
}

/** Copies the features of these rows end to end. */
function loadFeatures(
  { features }: Examples,
  rows: ArrayLike<number>,
  ids: Int32Array,
  weights: Float32Array,
): LoadedRow[] {
  let at = 0;
  return Array.from(rows, (example, row) => {
    const featureIds = idsOf(features, example);
    const first = at;
    ids.set(featureIds, first);
    weights.set(features.weights.subarray(features.offsets[example], features.offsets[example + 1]), first);
    at += featureIds.length;
    return { row, first: first * 4, count: featureIds.length };
  });
}
