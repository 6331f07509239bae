import * as structs from "../../../build/structs.ts";
import type { ModelKernels } from "../../../src/train/model/kernels.ts";
import { dotF32 } from "../../reference/dot.ts";
import { exp32, exp64 } from "../../reference/exp.ts";
import { laneSums, sumLanes } from "../../reference/lanes.ts";
import { log64 } from "../../reference/log.ts";
import { philox } from "../../reference/random.ts";

/** The kernels for sequences, which the suites of test/encoder compare with references of their own. */
export const SEQUENCE_KERNELS = [
  ...(["addProducts", "packColumns", "gruForward", "gruBackward"] as const),
  ...(["dropOut", "sharedGradient", "sumOfSquares", "scaleValues", "gatherRows", "scatterRows"] as const),
  ...(["addValues", "normRows", "normGradient", "attendDropped", "attendGradient"] as const),
] as const;

export type ModelKernelName = Exclude<
  keyof ModelKernels,
  | "memory"
  | "heapBase"
  | "exp64"
  | "log64"
  | "mixLogs"
  | "startLanes"
  | "addToLanes"
  | "hashOfLanes"
  | (typeof SEQUENCE_KERNELS)[number]
>;

const r = Math.fround;

/**
 * The model kernels as plain loops over a memory, with the addresses and counts of assembly/train/model/. Every operation on
 * f32 is rounded, in the order of the kernels, so kernels and reference agree to the bit.
 */
export function referenceKernels(memory: ArrayBuffer): Pick<ModelKernels, ModelKernelName> {
  const view = new DataView(memory);
  const f = (base: number, index: number): number => view.getFloat32(base + 4 * index, true);
  const put = (base: number, index: number, value: number): void => view.setFloat32(base + 4 * index, value, true);
  const add = (base: number, index: number, value: number): void => put(base, index, r(f(base, index) + value));
  const i32 = (base: number, index: number): number => view.getInt32(base + 4 * index, true);
  const floats = (base: number, count: number): Float32Array => new Float32Array(memory.slice(base, base + 4 * count));
  const times = (count: number, visit: (index: number) => void): void => {
    for (let index = 0; index < count; index++) visit(index);
  };
  /** Calls `visit` with (k, d, row of ids[k]) for a list of picked rows. */
  const eachPicked = (ids: number, count: number, dim: number, visit: (k: number, d: number, at: number) => void) =>
    times(count, (k) => times(dim, (d) => visit(k, d, i32(ids, k) * dim + d)));

  /** Replaces x by scale times its derivatives, with `count` rounded up to a multiple of 4, and returns the loss. */
  const softmax = (scores: number, count: number, own: readonly number[], scale: number): number => {
    for (let i = count; i % 4 !== 0; i++) put(scores, i, Number.NEGATIVE_INFINITY);
    const padded = Math.ceil(count / 4) * 4;
    const positive = own.reduce((sum, p) => sum + f(scores, p), 0);
    const most = floats(scores, padded).reduce((top, value) => Math.max(top, value));
    let sum = 0;
    for (let first = 0; first < padded; first += 1024) {
      const block = floats(scores + 4 * first, Math.min(1024, padded - first)).map((x) => exp32(r(x - most)));
      sum += sumLanes(laneSums(block));
      for (const [i, value] of block.entries()) put(scores, first + i, value);
    }
    const factor = r(scale / sum);
    times(padded, (i) => put(scores, i, r(f(scores, i) * factor)));
    for (const p of own) add(scores, p, -r(scale / own.length));
    return most + log64(sum) - positive / own.length;
  };
  const u32 = (struct: number, offset: number): number => view.getUint32(struct + offset, true);
  const f32 = (struct: number, offset: number): number => view.getFloat32(struct + offset, true);
  const productsAt = (at: number) => ({
    rows: u32(at, structs.PRODUCTS_ROWS),
    factors: u32(at, structs.PRODUCTS_FACTORS),
    dim: u32(at, structs.PRODUCTS_DIM),
  });
  const layerAt = (at: number) => ({
    rows: u32(at, structs.LAYER_ROWS),
    biases: u32(at, structs.LAYER_BIASES),
    rowCount: u32(at, structs.LAYER_ROW_COUNT),
    dim: u32(at, structs.LAYER_DIM),
  });
  /** Makes the kernel of an optimizer from a function that moves one value of a table by its gradient. */
  const steps =
    (
      move: (
        at: number,
        g: number,
        table: Record<"means" | "squares", number>,
        step: { readonly rate: number; readonly correction: number; readonly shares: readonly [number, number] },
      ) => number,
    ) =>
    (table: number, step: number, gradients: number, ids: number, count: number): void => {
      const [values, width] = [u32(table, structs.TABLE_VALUES), u32(table, structs.TABLE_WIDTH)];
      const states = { means: u32(table, structs.TABLE_MEANS), squares: u32(table, structs.TABLE_SQUARES) };
      const [rate, correction] = [f32(step, structs.STEP_RATE), f32(step, structs.STEP_CORRECTION)];
      const keep = f32(step, structs.STEP_KEEP);
      const shares = [f32(step, structs.STEP_MEAN_SHARE), f32(step, structs.STEP_SQUARE_SHARE)] as const;
      eachPicked(ids, count, width, (k, d, at) => {
        const moved = move(at, f(gradients, k * width + d), states, { rate, correction, shares });
        put(values, at, r(keep * f(values, at)) - moved);
      });
    };

  return {
    addPickedRows: (out, weights, ids, count, rows, dim) =>
      eachPicked(ids, count, dim, (k, d, at) => add(out, d, r(f(weights, k) * f(rows, at)))),
    addToRows: (rows, ids, weights, count, vector, dim) =>
      eachPicked(ids, count, dim, (k, d, at) => add(rows, at, r(f(weights, k) * f(vector, d)))),
    addPickedProducts: (products, ids, weights, count, vector) => {
      const { rows, factors, dim } = productsAt(products);
      eachPicked(ids, count, dim, (k, d, at) =>
        add(vector, d, r(f(weights, k) * r(f(rows, at) * f(factors, k * dim + d)))),
      );
    },
    addToRowsTimes: (products, ids, weights, count, vector) => {
      const { rows, factors, dim } = productsAt(products);
      eachPicked(ids, count, dim, (k, d, at) =>
        add(rows, at, r(f(weights, k) * r(f(vector, d) * f(factors, k * dim + d)))),
      );
    },
    addToFactors: (products, ids, weights, count, vector) => {
      const { rows, factors, dim } = productsAt(products);
      eachPicked(ids, count, dim, (k, d, at) =>
        add(factors, k * dim + d, r(f(weights, k) * r(f(rows, at) * f(vector, d)))),
      );
    },
    addToValues: (values, ids, weights, count) => times(count, (k) => add(values, i32(ids, k), f(weights, k))),
    scoreRows(layer, queries, queryCount, out, outBytes) {
      const { rows, biases, rowCount, dim } = layerAt(layer);
      times(queryCount, (b) =>
        times(Math.ceil(rowCount / 4) * 4, (i) => {
          const row = floats(rows + 4 * dim * Math.min(i, rowCount - 1), dim);
          put(out + b * outBytes, i, r(dotF32(floats(queries + 4 * dim * b, dim), row) + f(biases, i)));
        }),
      );
    },
    addWeightedRows(out, outCount, matrix, rows, rowCount, dim) {
      const weights = u32(matrix, structs.MATRIX_VALUES);
      const [outStep, rowStep] = [u32(matrix, structs.MATRIX_ROW_STEP), u32(matrix, structs.MATRIX_COLUMN_STEP)];
      times(outCount, (o) =>
        times(rowCount, (k) =>
          times(dim, (d) => add(out, o * dim + d, r(f(weights + o * outStep + k * rowStep, 0) * f(rows, k * dim + d)))),
        ),
      );
    },
    sumColumns: (values, rowCount, rowBytes, count, out) =>
      times(count, (i) => times(rowCount, (b) => add(out, i, f(values + b * rowBytes, i)))),
    scorePicked(layer, query, ids, count, out) {
      const { rows, biases, dim } = layerAt(layer);
      times(Math.ceil(count / 4) * 4, (k) => {
        const id = i32(ids, Math.min(k, count - 1));
        put(out, k, r(dotF32(floats(query, dim), floats(rows + 4 * dim * id, dim)) + f(biases, id)));
      });
    },
    sampledGradient(scores, shifts, count, positiveCount, scale) {
      times(Math.ceil(count / 4) * 4, (k) => put(scores, k, r(f(scores, k) - f(shifts, k))));
      return softmax(
        scores,
        count,
        Array.from({ length: positiveCount }, (_, p) => p),
        scale,
      );
    },
    softmaxGradient(scores, count, positives, positiveCount, scale) {
      return softmax(
        scores,
        count,
        Array.from({ length: positiveCount }, (_, p) => i32(positives, p)),
        scale,
      );
    },
    rankOf(scores, count, id) {
      const all = floats(scores, count);
      const own = all[id] as number;
      return all.filter((score, i) => score > own || (score === own && i < id)).length;
    },
    tanhInPlace: (values, count) => times(count, (i) => put(values, i, 1 - 2 / (exp64(2 * f(values, i)) + 1))),
    tanhGradient: (outputs, gradients, count) =>
      times(count, (i) => put(gradients, i, f(gradients, i) * r(1 - r(f(outputs, i) * f(outputs, i))))),
    reluInPlace: (values, count) => times(count, (i) => put(values, i, Math.max(f(values, i), 0))),
    reluGradient: (outputs, gradients, count) =>
      times(count, (i) => put(gradients, i, f(outputs, i) > 0 ? f(gradients, i) : 0)),
    stepDescent: steps((_at, g, _table, { rate }) => r(rate * g)),
    stepAdagrad: steps((at, g, { squares }, { rate }) => {
      add(squares, at, r(g * g));
      const root = r(Math.sqrt(r(f(squares, at) + r(1e-10))));
      return r(r(rate * g) / root);
    }),
    stepAdam: steps((at, g, { means, squares }, { rate, correction, shares }) => {
      const [ofMeans, ofSquares] = shares;
      put(means, at, r(ofMeans * f(means, at)) + r(r(1 - ofMeans) * g));
      put(squares, at, r(ofSquares * f(squares, at)) + r(r(1 - ofSquares) * r(g * g)));
      const root = r(r(r(Math.sqrt(f(squares, at))) * correction) + r(1e-8));
      return r(r(rate * f(means, at)) / root);
    }),
    fillUniform(out, count, most, seed, purpose, words) {
      const key = Uint32Array.of(Number(seed & 0xffffffffn), Number((seed >> 32n) & 0xffffffffn));
      times(count, (i) => {
        const block = philox(key, Uint32Array.of(i >> 2, purpose, 0, 0));
        for (const [w, word] of block.entries()) view.setUint32(words + 4 * w, word, true);
        put(out, i, r(most) * r(r(((block[i % 4] as number) >>> 8) * 2 ** -23) - 1));
      });
    },
    assignSlots(ids, count, slotOf, touched, touchedCount, slots) {
      times(count, (k) => {
        const id = i32(ids, k);
        if (i32(slotOf, id) < 0) {
          view.setInt32(slotOf + 4 * id, touchedCount, true);
          view.setInt32(touched + 4 * touchedCount++, id, true);
        }
        view.setInt32(slots + 4 * k, i32(slotOf, id), true);
      });
      return touchedCount;
    },
    releaseSlots: (slotOf, touched, touchedCount) =>
      times(touchedCount, (k) => view.setInt32(slotOf + 4 * i32(touched, k), -1, true)),
  };
}
