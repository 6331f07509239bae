import { PRODUCTS_BYTES, PRODUCTS_DIM, PRODUCTS_FACTORS, PRODUCTS_ROWS } from "../../../build/structs.ts";
import type { Arena } from "../runtime/arena.ts";
import { type Examples, lengthOf } from "./examples.ts";
import { type HiddenLayer, planHidden } from "./hidden-layer.ts";
import type { ModelKernels } from "./kernels.ts";
import type { Optimiser } from "./optimiser.ts";
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
  backward(optimiser: Optimiser): void;
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
  const layer: HiddenLayer | undefined =
    hidden === "none" ? undefined : planHidden(kernels, arena, tables, hidden, batch, sums, sumGradients);
  const touched = planSlots(kernels, arena, [tables.features], features);
  const featureGradients = touched.gradients[0] as number;
  const positions = tables.positions && {
    ...tables.positions,
    ...planPositions(arena, tables.positions, vectors, featureGradients),
  };
  /** Of the last batch: where each of its rows begins among the features. */
  let begins: number[] = [];

  /** Each row of the batch: its query and its first feature, as values before them, and their number. */
  function eachRow(visit: (row: number, first: number, count: number) => void): void {
    for (let b = 0; b + 1 < begins.length; b++) {
      const first = begins[b] as number;
      visit(b * dim * 4, first * 4, (begins[b + 1] as number) - first);
    }
  }

  return {
    queries: layer?.outputs ?? sums,
    gradients: layer?.gradients ?? sumGradients,
    forward(examples, rows) {
      begins = loadFeatures(examples, rows, arena.i32(ids, features), arena.f32(weights, features));
      arena.f32(sums, rows.length * dim).fill(0);
      eachRow((at, first, count) => {
        const sum = sums + at;
        if (!positions) kernels.addPickedRows(sum, weights + first, ids + first, count, vectors, dim);
        else kernels.addPickedProducts(positions.products, ids + first, weights + first, count, sum);
      });
      layer?.forward(rows.length);
      arena.f32(layer?.gradients ?? sumGradients, rows.length * dim).fill(0);
    },
    backward(optimiser) {
      const rowCount = begins.length - 1;
      layer?.backward(rowCount, optimiser);
      touched.assign(ids, begins[rowCount] as number, slots);
      if (positions) arena.f32(positions.gradients, positions.rows * dim).fill(0);
      eachRow((at, first, count) => {
        const gradient = sumGradients + at;
        const [w, s] = [weights + first, slots + first];
        if (!positions) return kernels.addToRows(featureGradients, s, w, count, gradient, dim);
        kernels.addToRowsTimes(positions.gradientProducts, s, w, count, gradient);
        kernels.addToFactors(positions.factorGradients, ids + first, w, count, gradient);
      });
      touched.step(optimiser);
      if (positions) optimiser.step(positions, positions.gradients, positions.ids, positions.rows);
    },
  };
}

/** What positions need beside their table. */
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

/** Features of these rows, end to end; where each begins, and the end. */
function loadFeatures(
  { features }: Examples,
  rows: ArrayLike<number>,
  ids: Int32Array,
  weights: Float32Array,
): number[] {
  const begins = [0];
  for (let b = 0, at = 0; b < rows.length; b++) {
    const row = rows[b] as number;
    const [first, count] = [features.offsets[row] as number, lengthOf(features, row)];
    ids.set(features.ids.subarray(first, first + count), at);
    weights.set(features.weights.subarray(first, first + count), at);
    at += count;
    begins.push(at);
  }
  return begins;
}
