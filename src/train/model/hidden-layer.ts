import type { Arena } from "../runtime/arena.ts";
import type { ModelKernels } from "./kernels.ts";
import { placeLayer } from "./layer.ts";
import { placeMatrix } from "./matrix.ts";
import type { Optimizer } from "./optimizer.ts";
import type { Hidden } from "./shape.ts";
import type { Table, Tables } from "./tables.ts";

/** The hidden layer h(W z + c) for a batch. */
export interface HiddenLayer {
  /** Address of the outputs, f32 (batchSize, dim). */
  readonly outputs: number;
  /** Address of the gradients of the outputs, f32 (batchSize, dim). `backward` overwrites them. */
  readonly gradients: number;
  forward(rowCount: number): void;
  /** Computes the gradients of the inputs and updates W and c. */
  backward(rowCount: number, optimizer: Optimizer): void;
}

/** Addresses of the inputs and of their gradients, f32 (batchSize, dim) each. */
export interface HiddenInputs {
  readonly inputs: number;
  readonly inputGradients: number;
}

export function planHidden(
  kernels: ModelKernels,
  arena: Arena,
  tables: Tables,
  hidden: Exclude<Hidden, "none">,
  batchSize: number,
  { inputs, inputGradients }: HiddenInputs,
): HiddenLayer {
  const [weight, bias] = [tables["hidden.weight"], tables["hidden.bias"]] as [Table, Table];
  const dim = weight.width;
  const [outputs, gradients] = [arena.take(batchSize * dim * 4), arena.take(batchSize * dim * 4)];
  const [weightGradients, biasGradients] = [arena.take(dim * dim * 4), arena.take(dim * 4)];
  const ids = arena.take(dim * 4);
  const identity = arena.i32(ids, dim);
  for (let row = 0; row < dim; row++) identity[row] = row;
  const [activate, throughActivation] =
    hidden === "tanh" ? [kernels.tanhInPlace, kernels.tanhGradient] : [kernels.reluInPlace, kernels.reluGradient];
  const rowBytes = dim * 4;
  const layer = placeLayer(arena, weight, bias);
  const byRow = placeMatrix(arena, gradients, rowBytes, 4);
  const byValue = placeMatrix(arena, gradients, 4, rowBytes);
  return {
    outputs,
    gradients,
    forward(rowCount) {
      kernels.scoreRows(layer, inputs, rowCount, outputs, rowBytes);
      activate(outputs, rowCount * dim);
    },
    backward(rowCount, optimizer) {
      throughActivation(outputs, gradients, rowCount * dim);
      arena.f32(inputGradients, rowCount * dim).fill(0);
      arena.f32(weightGradients, dim * dim).fill(0);
      arena.f32(biasGradients, dim).fill(0);
      kernels.addWeightedRows(inputGradients, rowCount, byRow, weight.values, dim, dim);
      kernels.addWeightedRows(weightGradients, dim, byValue, inputs, rowCount, dim);
      kernels.sumColumns(gradients, rowCount, rowBytes, dim, biasGradients);
      optimizer.step(weight, weightGradients, ids, dim);
      optimizer.step(bias, biasGradients, ids, dim);
    },
  };
}
