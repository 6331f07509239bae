import * as structs from "../../build/structs.ts";
import { type OpenedIndex, read } from "../memory/opened-index.ts";
import type { DistinctDraws, Draws, ExactDraws } from "./answers.ts";
import { sampleByBuckets } from "./by-buckets.ts";
import { logQsOf, positionsOf, scoresOf } from "./by-class.ts";
import { sampleByCodes } from "./by-codes.ts";
import { drawExact } from "./exact-sample.ts";
import { logQByCodes } from "./log-q-by-codes.ts";
import { logWeights } from "./log-weights.ts";
import { logProbabilitiesOf } from "./probabilities.ts";
import { weighed } from "./weighed.ts";
import { drawExactKeys, drawKeys } from "./without-replacement.ts";

/** What draws come from: the softmax itself, or the proposal with this head. */
export interface DrawRequest {
  readonly exact: boolean;
  readonly scan: number;
  /** With a head and a tail by fine codes instead; `scan` then means nothing. */
  readonly rescore?: number | undefined;
  readonly seed: bigint;
}

/** Independent draws for the query in place; none where no class takes part. */
export function drawClasses(
  opened: OpenedIndex,
  draws: number,
  { exact, scan, rescore, seed }: DrawRequest,
): ExactDraws | Draws {
  const taken = opened.conditions.allowedCount > 0 ? draws : 0;
  if (exact) return { ...drawExact(opened, taken, seed), effectiveSampleSize: taken, seed };
  if (rescore === undefined) return weighed(opened, { ...sampleByBuckets(opened, scan, taken, seed), seed });
  return weighed(opened, { ...sampleByCodes(opened, { rescore, draws: taken, seed }), seed });
}

/** Distinct classes, with weights that make sums over them unbiased. */
export function drawDistinct(opened: OpenedIndex, k: number, { exact, scan, seed }: DrawRequest): DistinctDraws {
  const drawn = exact ? drawExactKeys(opened, k, seed) : drawKeys(opened, k, scan, seed);
  const logits = logProbabilitiesOf(opened, drawn.scores, 0);
  const logMasses = exact
    ? logits
    : logQsOf(opened, drawn.ids).map((q) => q + read(opened, structs.SEARCH_LOG_PROPOSAL));
  return { ...drawn, logWeights: logWeights(opened.kernels, logits, logMasses, drawn.threshold), exact, seed };
}

/** log Q of classes that the caller names. */
export function proposalOf(
  opened: OpenedIndex,
  ids: Int32Array,
  { scan, rescore }: Pick<DrawRequest, "scan" | "rescore">,
): Float32Array {
  if (rescore === undefined) {
    opened.kernels.propose(opened.plan.layout, scan, 0);
    return Float32Array.from(logQsOf(opened, ids));
  }
  opened.kernels.proposeByCodes(opened.plan.layout, rescore);
  return Float32Array.from(logQByCodes(opened, positionsOf(opened, ids), scoresOf(opened, ids)));
}
