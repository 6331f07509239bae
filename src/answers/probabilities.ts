import type { OpenedIndex } from "../memory/opened-index.ts";
import { headHoldsAllowed, headListsAllowed } from "./allowed-head.ts";
import type { ClassProbabilities, Estimated, LogPartitionAnswer, Prediction, ScanChoice } from "./answers.ts";
import { estimateWithin, exactWithBracket } from "./bracket.ts";
import { conditionedScoresOf } from "./by-class.ts";
import { answerFromAll, readsAll, type Ways } from "./chosen-effort.ts";
import { HIGH_ERROR } from "./dispersion-bars.ts";
import { estimate, estimateExactly, redraw, type Scored } from "./estimate.ts";
import { withNamed } from "./known-mass.ts";
import type { Proposal } from "./options.ts";
import { chooseScan } from "./pilot-scan.ts";
import { looksFirst, tryAgain } from "./second-try.ts";
import { meetTarget } from "./target-scan.ts";
import { headIsAll, topOf } from "./top.ts";

/** The options of an estimate, with defaults filled in. */
export interface EstimateRequest {
  readonly exact: boolean;
  readonly proposal: Proposal;
  readonly scan: number | "auto";
  /** The caller left `scan` to the library, so an answer that is flagged is tried again. */
  readonly triesAgain: boolean;
  readonly targetError: number;
  readonly draws: number;
  readonly seed: bigint;
}

/** Finds the k best classes of the head with their probabilities. */
export function predictTop(opened: OpenedIndex, k: number, request: EstimateRequest): Prediction {
  const estimated = estimateAs(opened, request, waysToEstimate(opened, k));
  const isExact = estimated.choice?.exact ?? request.exact;
  const top = topOf(opened, isExact || headIsAll(opened), estimated.scored);
  const probabilities = logProbabilitiesOf(opened, top.scores, estimated.logPartition);
  for (let i = 0; i < probabilities.length; i++) probabilities[i] = opened.kernels.exp64(probabilities[i] as number);
  return { ...top, probabilities, ...estimated };
}

/** Estimates log Z with certain bounds that are at most `tolerance` apart. */
export function logPartitionWithin(
  opened: OpenedIndex,
  request: EstimateRequest,
  tolerance: number,
): LogPartitionAnswer {
  return estimateAs(opened, request, {
    estimateBy: (effort, exact) =>
      exact ? exactWithBracket(opened, effort.draws) : estimateWithin(opened, effort, tolerance),
  });
}

/** Estimates log P of classes that the caller names. */
export function probabilitiesOf(opened: OpenedIndex, ids: Int32Array, request: EstimateRequest): ClassProbabilities {
  const first = estimateAs(opened, request, waysToEstimate(opened, 0));
  const scores = conditionedScoresOf(opened, ids);
  const estimated = withNamed(opened.kernels, first, ids, scores, opened.conditions.inverseTemperature);
  const logProbabilities = logProbabilitiesOf(opened, scores, estimated.logPartition);
  // If all classes are filtered out, both terms are −∞.
  for (const [i, score] of scores.entries()) if (score === Number.NEGATIVE_INFINITY) logProbabilities[i] = score;
  return { ...estimated, logProbabilities, scored: estimated.scored + ids.length };
}

/** Computes log P of classes from their scores: score / T − log Z. */
export function logProbabilitiesOf(
  { conditions }: OpenedIndex,
  scores: Float32Array,
  logPartition: number,
): Float64Array {
  const log = new Float64Array(scores.length);
  for (let i = 0; i < log.length; i++) log[i] = (scores[i] as number) * conditions.inverseTemperature - logPartition;
  return log;
}

const waysToEstimate = (opened: OpenedIndex, k: number): Ways<Scored> => ({
  estimateBy: (effort, exact) => (exact ? estimateExactly(opened, k, effort.draws) : estimate(opened, k, effort)),
  redrawBy: (effort) => redraw(opened, effort),
});

/** Makes the estimate that `request` describes. With `scan: "auto"` it chooses proposal and head. */
function estimateAs<T extends Scored>(
  opened: OpenedIndex,
  { exact, proposal, scan, triesAgain, targetError, draws, seed }: EstimateRequest,
  ways: Ways<T>,
): T & Estimated {
  if (scan !== "auto") {
    const looks = triesAgain && looksFirst(opened, draws);
    const effort = { proposal, scan, draws, seed, ...(looks && { mostBar: HIGH_ERROR }) };
    if (triesAgain && readsAll(opened, effort)) {
      return { ...answerFromAll(opened, effort, ways.estimateBy), seed };
    }
    const answer = ways.estimateBy(effort, exact && !headListsAllowed(opened, scan));
    return { ...(triesAgain ? tryAgain(opened, answer, effort, ways) : answer), seed };
  }
  if (headHoldsAllowed(opened, 0)) {
    const effort = { proposal, scan: opened.conditions.allowedCount, draws };
    const choice = { ...effort, draws: 0, exact: true, headShare: 1, expectedError: 0, expectedErrorAtDefault: 0 };
    return { ...ways.estimateBy({ ...effort, seed }, false), seed, choice };
  }
  const target = { draws, seed, targetError };
  if (opened.errorBars.hasDispersions) return { ...meetTarget(opened, target, ways), seed };
  const choice: ScanChoice = chooseScan(opened, target);
  const effort = { proposal: choice.proposal, scan: choice.scan, draws, seed };
  return { ...ways.estimateBy(effort, choice.exact), seed, choice };
}
