import type { LogPartition } from "../answers/error-bars.ts";

/** Returns the estimate of log Z with its error that is part of an answer, and nothing else of the answer. */
export const logPartitionFields = ({
  logPartition,
  standardError,
  modelError,
  calibrated,
  effectiveSampleSize,
  headShare,
  lowEss,
}: LogPartition): LogPartition => ({
  logPartition,
  standardError,
  modelError,
  calibrated,
  effectiveSampleSize,
  headShare,
  lowEss,
});
