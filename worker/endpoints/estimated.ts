import type { Estimated, ScanChoice } from "../../src/public.ts";
import type { EstimatedAnswer } from "../contract/wire.ts";

/** Writes the fields of every estimate. `choice` is there with `"scan": "auto"`. */
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
    ...(answer.choice && { choice: choiceJson(answer.choice) }),
  } satisfies EstimatedAnswer;
}

/** Adds the fields under their old names. */
function choiceJson(choice: ScanChoice) {
  const { proposal, scan, expectedErrorAtDefault: expectedErrorAtFirst } = choice;
  return {
    ...choice,
    ...(proposal === "codes" && { rescore: scan }),
    ...(expectedErrorAtFirst !== undefined && { expectedErrorAtFirst }),
  };
}
