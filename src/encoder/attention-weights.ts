import {
  ATTENTION_BYTES,
  ATTENTION_FILLED,
  ATTENTION_HEAD_COUNT,
  ATTENTION_KEY_BYTES,
  ATTENTION_LEFT,
  ATTENTION_OUT_BYTES,
  ATTENTION_PANELS,
  ATTENTION_QUERY_BYTES,
  ATTENTION_RIGHT,
  ATTENTION_WIDTH,
  MATRIX_BYTES,
  NORM_BIASES,
  NORM_BYTES,
  NORM_FILLED,
  NORM_WEIGHTS,
  NORM_WIDTH,
  PANELS_BYTES,
  PANELS_VALUES,
} from "../../build/structs.ts";
import { KEY_BLOCK, PANEL_WIDTH } from "../abi.ts";
import type { AttentionFacts } from "../format/encoder-facts.ts";
import type { EncoderKernels } from "./kernels.ts";
import { type Layer, type Memory, planLayer } from "./memory.ts";
import type { WeightOf } from "./weights.ts";

/** The layers of a block, over rows of `dim` values. */
interface BlockLayers {
  readonly toQueries: Layer;
  /** Keys and values side by side. */
  readonly toKeys: Layer;
  readonly toMixed: Layer;
  readonly toInner: Layer;
  readonly toOuter: Layer;
}

/** The weights of attention in an instance. */
export interface AttentionWeights {
  /** f32 (length, dim): the vectors of the positions. */
  readonly positions: Float32Array;
  /** The addresses of the norms: two of each block, and the last one. */
  readonly norms: readonly number[];
  readonly layers: readonly BlockLayers[];
  /** The address of the struct of attention, in which the rows are missing. */
  readonly attention: number;
}

/**
 * Puts the weights into memory. The first `filled` values of a row of `dim` are not padding. `rowBytes` is the size of a row that
 * holds keys and values.
 */
export function attentionWeights(
  kernels: EncoderKernels,
  memory: Memory,
  { blocks, heads }: AttentionFacts,
  { dim, filled, rowBytes }: { readonly dim: number; readonly filled: number; readonly rowBytes: number },
  weightOf: WeightOf,
): AttentionWeights {
  const part = (name: string, at: number, size: number): Float32Array =>
    weightOf(name).subarray(at * size, (at + 1) * size);
  /** The layer of some of the outputs of a block, `outputs` of them. */
  const layer = (name: string, block: number, outputs = dim, first = 0, end = outputs): Layer => {
    const weight = part(`${name}Weight`, block, outputs * dim).subarray(first * dim, end * dim);
    return planLayer(kernels, memory, weight, part(`${name}Bias`, block, outputs).subarray(first, end));
  };
  const norm = (at: number): number =>
    memory.struct(NORM_BYTES, {
      [NORM_WEIGHTS]: memory.put(part("normWeight", at, dim)),
      [NORM_BIASES]: memory.put(part("normBias", at, dim)),
      [NORM_WIDTH]: dim,
      [NORM_FILLED]: filled,
    });
  const widest = Math.max(KEY_BLOCK, dim / heads);
  return {
    positions: Float32Array.from(weightOf("positions")), // changes of an index move its tensors
    norms: Array.from({ length: 2 * blocks + 1 }, (_, at) => norm(at)),
    layers: Array.from({ length: blocks }, (_, block) => ({
      toQueries: layer("input", block, 3 * dim, 0, dim),
      toKeys: layer("input", block, 3 * dim, dim, 3 * dim),
      toMixed: layer("output", block),
      toInner: layer("inner", block),
      toOuter: layer("outer", block),
    })),
    attention: memory.struct(ATTENTION_BYTES, {
      [ATTENTION_QUERY_BYTES]: 4 * dim,
      [ATTENTION_KEY_BYTES]: rowBytes,
      [ATTENTION_OUT_BYTES]: 4 * dim,
      [ATTENTION_LEFT]: memory.struct(MATRIX_BYTES, {}),
      [ATTENTION_RIGHT]: memory.struct(MATRIX_BYTES, {}),
      [ATTENTION_PANELS]: memory.struct(PANELS_BYTES, {
        [PANELS_VALUES]: memory.take((widest + PANEL_WIDTH) * widest),
      }),
      [ATTENTION_HEAD_COUNT]: heads,
      [ATTENTION_WIDTH]: dim / heads,
      [ATTENTION_FILLED]: filled / heads,
    }),
  };
}
