import type { ModelKernels } from "../model/kernels.ts";
import type { ModelShape } from "../model/shape.ts";
import type { Tables } from "../model/tables.ts";
import type { Arena } from "../runtime/arena.ts";
import { planAttention } from "./attention-encoder.ts";
import type { EncoderLayer, Learning } from "./encoder-layer.ts";
import { planRecurrent } from "./recurrent-encoder.ts";
import type { BatchLimits } from "./windows.ts";

/** Plans the encoder of a model of sequences. */
export function planEncoder(
  kernels: ModelKernels,
  arena: Arena,
  shape: ModelShape,
  tables: Tables,
  limits: BatchLimits,
  learning?: Learning,
): EncoderLayer {
  return shape.encoder === "attention"
    ? planAttention(kernels, arena, shape, tables, limits, learning)
    : planRecurrent(kernels, arena, tables, limits, learning);
}
