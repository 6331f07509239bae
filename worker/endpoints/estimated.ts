import type { Estimated } from "../../src/public.ts";
import type { EstimatedAnswer } from "../contract/wire.ts";

/** Writes the fields of every estimate. `choice` is there if the effort was chosen for the query. */
export function estimatedJson(answer: Estimated) {
  return {
    logPartition: answer.logPartition,
    standardError: answer.standardError,
    effectiveSampleSize: answer.effectiveSampleSize,
    modelError: answer.modelError,
    calibrated: answer.calibrated,
    headShare: answer.headShare,
    lowEss: answer.lowEss,
    scored: answer.scored,
    seed: String(answer.seed),
    ...(answer.choice && { choice: answer.choice }),
  } satisfies EstimatedAnswer;
}
