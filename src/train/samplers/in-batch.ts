import { copyIds } from "../../index/copied-arguments.ts";
import { type Classes, checkDraw, dimOf, neededCounts, readExcluded } from "./classes.ts";
import { fixedSampler } from "./fixed.ts";
import type { Sampler } from "./sampler.ts";
import { drawUniforms, type SamplerTools } from "./tools.ts";
import { positiveCounts } from "./unigram.ts";

/** A sampler that draws from the positives of the current batch. */
export interface InBatchSampler extends Sampler {
  /**
   * Sets the current batch. `positives` has the id of each positive, as often as it occurs in the batch.
   *
   * @param positives ids of the positives
   *
   * @example
   * const inBatch = await createSampler({ kind: "in-batch" }, { rows, biases, counts });
   * inBatch.useBatch([3, 7, 7, 12]);
   * const { ids } = inBatch.draw(query, 3, [7], 1n); // 3 and 12, then one by frequency
   */
  useBatch(positives: ArrayLike<number>): void;
}

/**
 * Uses the positives of a batch as one another's negatives, in random order and without replacement. A batch is itself a
 * sample of the classes by frequency, so log Q is taken from the unigram distribution. This is exact over random batches if the
 * query's own positives are excluded, as in form B, but not for one particular batch. Without that, each batch has the query's
 * own positive, which is then drawn more often than log Q says. Where the batch is too small, the remaining draws come from the unigram distribution.
 */
export function inBatchSampler(tools: SamplerTools, classes: Classes): InBatchSampler {
  const itemCount = classes.biases.length;
  const dim = dimOf(classes);
  const frequencies = Float64Array.from(positiveCounts(neededCounts("in-batch", classes)));
  const unigram = fixedSampler(tools, "in-batch", dim, frequencies);
  let batch = new Int32Array(0);
  return {
    ...unigram,
    useBatch(positives) {
      batch = copyIds("positives", positives, itemCount);
    },
    draw(query, count, excluded, seed) {
      checkDraw(query, dim, count, seed);
      const excludedIds = readExcluded(excluded, itemCount);
      const others = batch.filter((id) => !excludedIds.has(id));
      const taken = Math.min(count, others.length);
      const uniform = drawUniforms(tools.checksum, query, ~seed);
      for (let i = 0; i < taken; i++) {
        const at = i + Math.floor(uniform(i) * (others.length - i));
        const id = others[at] as number;
        others[at] = others[i] as number;
        others[i] = id;
      }
      const ids = new Int32Array(count);
      ids.set(others.subarray(0, taken));
      ids.set(unigram.draw(query, count - taken, excluded, seed).ids, taken);
      return { ids, logQ: unigram.logQ(query, ids, excluded) };
    },
  };
}
