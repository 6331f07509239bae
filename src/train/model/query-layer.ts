import { PRODUCTS_BYTES, PRODUCTS_DIM, PRODUCTS_FACTORS, PRODUCTS_ROWS } from "../../../build/structs.ts";
import type { Arena } from "../runtime/arena.ts";
import { type Examples, idsOf } from "./examples.ts";
import { planHidden } from "./hidden-layer.ts";
import type { ModelKernels } from "./kernels.ts";
import type { Optimizer } from "./optimizer.ts";
import type { Hidden } from "./shape.ts";
import { planSlots } from "./slots.ts";
import type { Table, Tables } from "./tables.ts";

/** From the features of a batch to its queries, and back. */
export interface QueryLayer {
  /** f32 (batch, dim): the queries of the last `forward`. */
  readonly queries: number;
  /** f32 (batch, dim): their gradients, which `forward` sets to zero and `backward` takes. */
  readonly gradients: number;
  forward(examples: Examples, rows: ArrayLike<number>): void;
  /** Steps all tables that made the queries of the last `forward`. */
  backward(optimiser: Optimizer): void;
}

export interface QueryLimits {
  readonly batch: number;
  /** Features of a batch. */
  readonly features: number;
}

export function planQueries(
  kernels: ModelKernels,
  arena: Arena,
  tables: Tables,
  hidden: Hidden,
  { batch, features }: QueryLimits,
): QueryLayer {
  const { width: dim, values: vectors } = tables.features;
  const [ids, weights, slots] = [arena.take(features * 4), arena.take(features * 4), arena.take(features * 4)];
  const sums = arena.take(batch * dim * 4);
  const sumGradients = arena.take(batch * dim * 4);
  const given = { inputs: sums, inputGradients: sumGradients };
  const layer = hidden === "none" ? undefined : planHidden(kernels, arena, tables, hidden, batch, given);
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
    backward(optimiser) {
      layer?.backward(last.length, optimiser);
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
      touched.step(optimiser);
      if (positions) optimiser.step(positions, positions.gradients, positions.ids, positions.rows);
    },
  };
}

/** The memory that positions need beside their table. */
interface PlannedPositions {
  readonly gradients: number;
  readonly ids: number;
  /** Structs of the feature vectors or their gradients, and of the positions or theirs. */
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

/** A row of a batch, and its features among those of the batch: `first` in bytes before them. */
interface LoadedRow {
  readonly row: number;
  readonly first: number;
  readonly count: number;
}

/** Puts the features of these rows end to end. */
function loadFeatures(
  { features }: Examples,
  rows: ArrayLike<number>,
  ids: Int32Array,
  weights: Float32Array,
): LoadedRow[] {
  let at = 0;
  return Array.from(rows, (example, row) => {
    const own = idsOf(features, example);
    const first = at;
    ids.set(own, first);
    weights.set(features.weights.subarray(features.offsets[example], features.offsets[example + 1]), first);
    at += own.length;
    return { row, first: first * 4, count: own.length };
  });
}
