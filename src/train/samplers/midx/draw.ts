import { checkCount, copyRow } from "../../../check.ts";
import { UNCONDITIONAL } from "../../../conditions.ts";
import type { OpenedIndex } from "../../../opened-index.ts";
import { logQsOf } from "../../../search/by-class.ts";
import type { SampledClasses } from "../sampler.ts";

/** The proposal of `MultiIndex.sample` for a query, in the index's memory until its next call. */
export interface IndexProposal {
  draw(count: number, seed: bigint): SampledClasses;
  logQ(ids: ArrayLike<number>): Float64Array;
}

/**
 * Draws are those of `MultiIndex.sample` without their scores by the index's own rows: half of the time that `sample`
 * takes, and of no use to a training, whose rows have moved on.
 */
export function proposeBy(
  opened: OpenedIndex,
  limits: { readonly scan: number; readonly maxDraws: number },
  query: Float32Array,
  out: ReadonlySet<number>,
): IndexProposal {
  const { kernels, plan, header } = opened;
  const { buffer } = kernels.memory;
  opened.conditions.apply(opened, { ...UNCONDITIONAL, exclude: Int32Array.from(out) });
  copyRow("query", query, 0, new Float32Array(buffer, plan.regions.query, query.length));
  kernels.prepareQuery(plan.layout);
  kernels.propose(plan.layout, limits.scan, 0);
  return {
    draw(count, seed) {
      checkCount("count", count, limits.maxDraws, "maxDraws");
      kernels.drawProposed(plan.layout, count, seed);
      const idAt = new Int32Array(buffer, plan.file + (header.tensors.ids?.begin ?? 0), header.facts.itemCount);
      const ids = new Int32Array(buffer, plan.regions.drawPositions, count).slice();
      for (let i = 0; i < count; i++) ids[i] = idAt[ids[i] as number] as number;
      return { ids, logQ: notAboveZero(new Float64Array(buffer, plan.regions.drawLogQ, count)) };
    },
    logQ: (ids) => notAboveZero(logQsOf(opened, ids)),
  };
}

/**
 * log Q as f32, which of classes that have nearly all the mass rounding at large logits would carry above 0. A loop:
 * Float64Array.from took a fifth of a training's time.
 */
function notAboveZero(logQ: ArrayLike<number>): Float64Array {
  const bounded = new Float64Array(logQ.length);
  for (let i = 0; i < bounded.length; i++) bounded[i] = Math.min(0, Math.fround(logQ[i] as number));
  return bounded;
}
