import {
  NORM_BIASES,
  NORM_BYTES,
  NORM_FILLED,
  NORM_MOMENTS,
  NORM_WEIGHTS,
  NORM_WIDTH,
  NORMGRADIENTS_BIASES,
  NORMGRADIENTS_BYTES,
  NORMGRADIENTS_WEIGHTS,
} from "../../../build/structs.ts";
import type { ModelKernels } from "../model/kernels.ts";
import type { Table, Tables } from "../model/tables.ts";
import type { Arena } from "../runtime/arena.ts";
import type { Learning } from "./encoder-layer.ts";
import {
  type AddOverPositions,
  type Panels,
  panelBytes,
  planOverPositions,
  planPanels,
  repeatRow,
  rowsAt,
  transposed,
} from "./products.ts";

/** Rows of f32 values, `width` apart. */
interface Strided {
  readonly values: number;
  readonly width: number;
}

/** A layer norm with moments of its own. */
export interface NormLayer {
  forward(input: number, out: number, rows: number): void;
  /** Turns the gradients of the outputs into those of the inputs. */
  backward(input: number, gradients: number, rows: number): void;
}

/** Rows of weights, each with a bias, over inputs of `dim` values. */
export interface LinearLayer {
  /** Sets rows of `outputs` values to the biases. */
  start(out: number, rows: number): void;
  /** Adds the products of the inputs, (rows, dim), with the weights of some outputs. */
  add(out: Strided, input: number, rows: number, some?: Outputs): void;
  /** Adds to the gradients of these weights, and to those of the inputs in `inputGradients`, (rows, dim). */
  backward(gradients: Strided, input: number, inputGradients: number, rows: number, some?: Outputs): void;
  /** Adds to the gradients of the biases, from rows of all outputs. */
  addBiases(gradients: number, rows: number): void;
}

/** Outputs of a layer. Default: all. */
interface Outputs {
  readonly first: number;
  readonly count: number;
}

/** Makes the layers of an encoder of blocks, which share their room for products. */
export interface Layers {
  /** `at` counts the norms of all blocks. */
  norm(at: number, positions: number): NormLayer;
  linear(name: "input" | "output" | "inner" | "outer", block: number): LinearLayer;
}

export function planLayers(
  kernels: ModelKernels,
  arena: Arena,
  tables: Tables,
  { dim, blocks }: { readonly dim: number; readonly blocks: number },
  learning: Learning | undefined,
): Layers {
  const panels = planPanels(kernels, arena, Math.max(panelBytes(dim, 2 * dim), panelBytes(2 * dim, dim)));
  const addOver = planOverPositions(kernels, arena, dim);
  const gradientOf = (table: Table): number => learning?.gradientOf(table) ?? 0;
  return {
    norm(at, positions) {
      const [weights, biases] = [tables["attention.normWeight"], tables["attention.normBias"]] as [Table, Table];
      const offset = at * dim * 4;
      const norm = arena.struct(NORM_BYTES, {
        [NORM_WEIGHTS]: weights.values + offset,
        [NORM_BIASES]: biases.values + offset,
        [NORM_MOMENTS]: arena.take(positions * 8),
        [NORM_WIDTH]: dim,
        [NORM_FILLED]: dim,
      });
      const sums = arena.struct(NORMGRADIENTS_BYTES, {
        [NORMGRADIENTS_WEIGHTS]: gradientOf(weights) + offset,
        [NORMGRADIENTS_BIASES]: gradientOf(biases) + offset,
      });
      return {
        forward: (input, out, rows) => kernels.normRows(norm, input, out, rows),
        backward: (input, gradients, rows) => kernels.normGradient(norm, input, gradients, sums, rows),
      };
    },
    linear(name, block) {
      const [weight, bias] = [tables[`attention.${name}Weight`], tables[`attention.${name}Bias`]] as [Table, Table];
      const outputs = weight.rows / blocks;
      const [ofWeight, ofBias] = [block * outputs * dim * 4, block * outputs * 4];
      return linearLayer(kernels, arena, {
        dim,
        outputs,
        panels,
        addOver,
        weight: weight.values + ofWeight,
        bias: bias.values + ofBias,
        weightGradients: gradientOf(weight) + ofWeight,
        biasGradients: gradientOf(bias) + ofBias,
      });
    },
  };
}

interface LinearParts {
  readonly dim: number;
  readonly outputs: number;
  readonly panels: Panels;
  readonly addOver: AddOverPositions;
  readonly weight: number;
  readonly bias: number;
  readonly weightGradients: number;
  readonly biasGradients: number;
}

function linearLayer(kernels: ModelKernels, arena: Arena, parts: LinearParts): LinearLayer {
  const { dim, outputs, panels, addOver, weight, bias, weightGradients, biasGradients } = parts;
  const all = { first: 0, count: outputs };
  return {
    start(out, rows) {
      repeatRow(arena, out, rows, arena.f32(bias, outputs));
    },
    add({ values, width }, input, rows, { first, count } = all) {
      panels.pack(transposed(rowsAt(weight + first * dim * 4, dim)), dim, count);
      panels.addTo({ out: values + first * 4, outBytes: width * 4, rows }, rowsAt(input, dim));
    },
    backward({ values, width }, input, inputGradients, rows, { first, count } = all) {
      const left = { values: values + first * 4, width, columns: count };
      addOver(weightGradients + first * dim * 4, left, { values: input, width: dim }, rows);
      panels.pack(rowsAt(weight + first * dim * 4, dim), count, dim);
      panels.addTo({ out: inputGradients, outBytes: dim * 4, rows }, rowsAt(left.values, width));
    },
    addBiases: (gradients, rows) => kernels.sumColumns(gradients, rows, outputs * 4, outputs, biasGradients),
  };
}
