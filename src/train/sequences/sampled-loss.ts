import { drawSeed } from "../random/draw-seed.ts";
import type { Sampler } from "../samplers/sampler.ts";
import { planDrawnClasses } from "./drawn-classes.ts";
import { blocksOf, type LossParts, positionsOf, type SequenceLoss, spansOf } from "./loss.ts";
import { planOwnClasses } from "./own-classes.ts";
import { planOwnDraws } from "./own-draws.ts";
import type { SharedOptions } from "./shared-draws.ts";

/** The sizes of the largest batch. */
interface Limits {
  readonly positions: number;
  /** The most positions of a window. */
  readonly length: number;
  /** The most positions of windows that share draws, or 0 if no positions share any. */
  readonly sharedBy: number;
}

/**
 * Plans the sampled softmax with draws that the positions of a block of windows share, or with draws of each position's own. The denominator of a position is e^o of its own
 * class plus (1/M) Σ_j e^(o_j − log Q̄(j)) over the draws that are not its own class, which is unbiased for the sum over all
 * classes.
 */
export function planSampledLoss(
  parts: LossParts,
  options: SharedOptions,
  { positions, length, sharedBy }: Limits,
): SequenceLoss {
  const { kernels, arena, encoder } = parts;
  const own = planOwnClasses(parts, positions);
  const drawn =
    sharedBy === 0
      ? planOwnDraws(parts, options)
      : planDrawnClasses(parts, options, Math.min(positions, Math.max(length, sharedBy)));
  return (packed, sampler, seed) => {
    let loss = 0;
    const spans = sharedBy === 0 ? positionsOf(packed) : blocksOf(spansOf(packed), sharedBy);
    for (const [block, span] of spans.entries()) {
      drawn.score(span, sampler as Sampler, drawSeed(seed, block));
      const owns = own.score(span);
      const targets = arena.i32(encoder.targets + span.first * 4, span.length).slice();
      for (const [t, target] of targets.entries()) {
        const scores = drawn.scores + t * drawn.rowBytes;
        loss += kernels.sharedGradient(drawn.draws, scores, target, owns + t * 4, 1 / packed.inputs.length);
      }
      drawn.add(span);
      own.add(span);
    }
    return loss;
  };
}
