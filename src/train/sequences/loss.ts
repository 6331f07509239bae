import type { ModelKernels } from "../model/kernels.ts";
import type { Tables } from "../model/tables.ts";
import type { Arena } from "../runtime/arena.ts";
import type { Sampler } from "../samplers/sampler.ts";
import type { EncoderLayer } from "./encoder-layer.ts";
import type { RowGradients } from "./gradients.ts";
import type { Packed } from "./packed.ts";

/**
 * Returns the sum of the losses of a batch's positions, and adds the gradients of the mean loss with respect to the queries and
 * the classes. Draws are made by the sampler, with seeds from `seed` on.
 */
export type SequenceLoss = (packed: Packed, sampler: Sampler | undefined, seed: bigint) => number;

/** The parts from which a loss is computed. */
export interface LossParts {
  readonly kernels: ModelKernels;
  readonly arena: Arena;
  readonly tables: Tables;
  readonly encoder: EncoderLayer;
  /** Gradients of the classes and their biases. */
  readonly rowGradients: RowGradients;
}

/** Positions of a window: the number of the first one in the batch, and how many. */
export interface Span {
  readonly first: number;
  readonly length: number;
}

/** Returns the positions of each window, in the order of windows. */
export function spansOf({ counts }: Packed): Span[] {
  let first = 0;
  return Array.from({ length: counts[0] ?? 0 }, (_, window) => {
    const length = counts.reduce((sum, count) => sum + (count > window ? 1 : 0), 0);
    first += length;
    return { first: first - length, length };
  });
}

/** Returns a span of each position. */
export const positionsOf = ({ inputs }: Packed): Span[] => Array.from(inputs, (_, first) => ({ first, length: 1 }));

/** Puts spans together, one after the other, while they have at most `most` positions. Longer ones stay alone. */
export function blocksOf(spans: readonly Span[], most: number): Span[] {
  const blocks: Span[] = [];
  for (const { first, length } of spans) {
    const last = blocks.at(-1);
    if (last && last.length + length <= most) blocks[blocks.length - 1] = { ...last, length: last.length + length };
    else blocks.push({ first, length });
  }
  return blocks;
}
