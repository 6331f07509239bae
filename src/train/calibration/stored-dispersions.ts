import * as structs from "../../../build/structs.ts";
import { bucketedCount } from "../../format/sections.ts";
import type { OpenedIndex } from "../../memory/opened-index.ts";

export interface StoredDispersions {
  /** f32 (buckets): the mean squared residual of each bucket. */
  readonly buckets: Float32Array<ArrayBuffer>;
  /** The mean squared residual of all rows under their fine codes. Undefined without fine codes. */
  readonly codes: number | undefined;
}

/**
 * Measures the dispersions of an index whose file has none, from the norms that bounds are made of. These are rounded up, by
 * less than 1e-4 of them, and those of fine codes to the next of 32,767 levels.
 */
export function storedDispersions({ kernels, plan, header }: OpenedIndex): StoredDispersions {
  const { bucketCount, hasFineCodes } = header.facts;
  const { buffer } = kernels.memory;
  kernels.measureResiduals(plan.layout);
  const norms = new Float32Array(buffer, plan.regions.residualNorms, header.facts.itemCount);
  const offsets = new Int32Array(buffer, plan.file + (header.tensors.bucketOffsets?.begin ?? 0), bucketCount + 1);
  const buckets = Float32Array.from({ length: bucketCount }, (_, bucket) =>
    meanSquare(norms.subarray(offsets[bucket], offsets[bucket + 1])),
  );
  if (!hasFineCodes) return { buckets, codes: undefined };
  kernels.measureCodeErrors(plan.layout);
  const largest = new DataView(buffer).getFloat32(plan.layout + structs.LAYOUT_ERROR_BOUND, true);
  const levels = new Int16Array(buffer, plan.regions.codeErrors, bucketedCount(header.facts));
  // The row with the largest error has the largest level.
  const unit = largest / levels.reduce((most, level) => Math.max(most, level), 1);
  return { buckets, codes: Math.fround(meanSquare(levels) * unit * unit) };
}

function meanSquare(values: Float32Array | Int16Array): number {
  let sum = 0;
  for (const value of values) sum += value * value;
  return values.length > 0 ? sum / values.length : 0;
}
