import { DEFAULT_DRAWS, DEFAULT_SCAN, type EstimateOptions, type TopKOptions } from "../../answers/options.ts";
import { isTriedAgain } from "../../answers/tried-again.ts";
import { checkSeed } from "../../checks/check.ts";
import type { EvaluatedEffort } from "./evaluation.ts";

/** Fills in the defaults. */
export function effortOf(
  options: Partial<Omit<EvaluatedEffort, "seed" | "triesAgain">> & { readonly seed?: number | bigint },
): EvaluatedEffort {
  const { proposal = "buckets", scan, recall, draws = DEFAULT_DRAWS, seed = 0 } = options;
  const triesAgain = isTriedAgain(scan, proposal);
  return { proposal, scan: scan ?? DEFAULT_SCAN, triesAgain, recall, draws, seed: checkSeed(seed) };
}

/** Returns the options of predict. */
export const estimateOptionsOf = ({ proposal, scan, triesAgain, draws, seed }: EvaluatedEffort): EstimateOptions => ({
  ...(triesAgain ? {} : { proposal, scan }),
  draws,
  seed,
});

/** Returns the options of sample and logQ. */
export const proposalOf = ({ proposal, scan }: EvaluatedEffort) => ({ proposal, scan });

/** Returns the options of topK. Where there are fine codes and nothing else is set, topK uses its own defaults. */
export function topOptionsOf({ proposal, scan, recall }: EvaluatedEffort, hasFineCodes: boolean): TopKOptions {
  if (recall !== undefined) return { recall };
  if (proposal === "codes") return { rescore: scan };
  return hasFineCodes ? {} : { scan };
}
