import type { Codes } from "../../codes/encode.ts";
import { learnQuantizer, type Quantizer } from "../../kmeans/quantizer.ts";
import type { Stage } from "./stage.ts";
import type { Surveyed } from "./survey.ts";

export interface Trained extends Surveyed {
  readonly quantizer: Quantizer;
  /** The codes of all rows, if the codebooks were learned from all. */
  readonly codes?: Codes;
}

/** Learns the codebooks by k-means on the training rows, or reuses those of the older index. */
export const trainCodebooks: Stage<Surveyed, Trained> = async (build, surveyed) => {
  const { kernels, plan, warm, rowPool, table, signal, progress } = build;
  if (warm && !plan.trainsCodebooks) return { ...surveyed, quantizer: warm.quantizer };
  const { rows, weights } = surveyed.training;
  const { quantizer, ...codes } = await learnQuantizer(kernels, rows, weights, {
    kind: plan.kind,
    bits: plan.bits,
    seed: plan.seed,
    ...(warm && { start: warm.quantizer, maxIterations: plan.warmPasses }),
    ...(signal && { signal }),
    ...(rowPool && { pool: rowPool }),
    onProgress: progress.report("train"),
  });
  return { ...surveyed, quantizer, ...(rows.rowCount === table.itemCount && { codes }) };
};
