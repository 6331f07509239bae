import { checkCount, copyQuery } from "../../../check.ts";
import { UNCONDITIONAL } from "../../../conditions.ts";
import type { OpenedIndex } from "../../../opened-index.ts";
import type { SampledClasses } from "../sampler.ts";

interface DrawOptions {
  /** Classes of the best buckets that are scored exactly. */
  readonly scan: number;
  /** Most draws that the index was loaded for. */
  readonly maxDraws: number;
  /** Distinct classes. */
  readonly excluded: Int32Array;
  readonly seed: bigint;
}

/**
 * The draws of `MultiIndex.sample` and their log Q. Their scores by the index's own rows, half of the time that
 * `sample` takes, are of no use to a training, whose rows have moved on.
 */
export function drawUnscored(
  opened: OpenedIndex,
  query: Float32Array,
  count: number,
  { scan, maxDraws, excluded, seed }: DrawOptions,
): SampledClasses {
  checkCount("count", count, maxDraws, "maxDraws");
  const { kernels, plan, header } = opened;
  const { buffer } = kernels.memory;
  opened.conditions.apply(opened, { ...UNCONDITIONAL, exclude: excluded });
  copyQuery(query, 0, new Float32Array(buffer, plan.regions.query, query.length));
  kernels.prepareQuery(plan.layout);
  kernels.drawUnscored(plan.layout, scan, count, seed);
  const idAt = new Int32Array(buffer, plan.file + (header.tensors.ids?.begin ?? 0), header.facts.itemCount);
  const ids = new Int32Array(buffer, plan.regions.drawPositions, count).slice();
  for (let i = 0; i < count; i++) ids[i] = idAt[ids[i] as number] as number;
  return { ids, logQ: notAboveZero(new Float64Array(buffer, plan.regions.drawLogQ, count)) };
}

/** log Q as f32, which of classes that have nearly all the mass rounding at large logits would carry above 0. */
export function notAboveZero(logQ: ArrayLike<number>): Float64Array {
  return Float64Array.from(logQ, (value) => Math.min(0, Math.fround(value)));
}
