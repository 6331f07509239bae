import type { BuildReport } from "./build-options.ts";
import { countMoves } from "./moves.ts";
import type { Build } from "./stages/stage.ts";
import type { Written } from "./stages/write.ts";

/** Makes the report for the caller of a build. */
export function reportOf({ input: { itemCount }, plan, warm }: Build, written: Written): BuildReport {
  const { facts, fileBytes, stored, codes, fit } = written;
  return {
    itemCount,
    bucketCount: facts.bucketCount,
    largestBucket: facts.largestBucket,
    outlierCount: written.outliers.length,
    weights: plan.weights,
    bytesPerRow: itemCount > 0 ? fileBytes / itemCount : 0,
    ...stored.residuals,
    ...(warm && "buckets" in warm && { moves: countMoves(warm, codes, plan.labels, written.outliers) }),
    ...(fit && { fit }),
  };
}
