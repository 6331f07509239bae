import { DEFAULT_DRAWS, DEFAULT_SCAN, type TopOptions } from "../../answers/options.ts";
import { checkSeed, shown } from "../../checks/check.ts";
import type { EvaluatedEffort } from "./evaluation.ts";

/** Fills in what the caller does not say about the calls. */
export function effortOf(
  options: Partial<Omit<EvaluatedEffort, "seed">> & { readonly seed?: number | bigint },
): EvaluatedEffort {
  const { scan = DEFAULT_SCAN, rescore, recall, draws = DEFAULT_DRAWS, seed = 0 } = options;
  refuseScanBesideRescore(options);
  return { scan, rescore, recall, draws, seed: checkSeed(seed) };
}

/** The options of predict and logQ. */
export const proposalOf = ({ scan, rescore }: EvaluatedEffort) => (rescore === undefined ? { scan } : { rescore });

/** The options of topK: its own default where there are fine codes. */
export function topOptionsOf({ scan, rescore, recall }: EvaluatedEffort, hasFineCodes: boolean): TopOptions {
  if (recall !== undefined) return { recall };
  if (rescore !== undefined) return { rescore };
  return hasFineCodes ? {} : { scan };
}

/** Head and tail are by fine codes or by buckets. */
export function refuseScanBesideRescore({
  scan,
  rescore,
}: {
  readonly scan?: unknown;
  readonly rescore?: unknown;
}): void {
  if (scan === undefined || rescore === undefined) return;
  throw new RangeError(`"rescore" expected no "scan" beside it, got scan: ${shown(scan)}; leave one of them out`);
}
