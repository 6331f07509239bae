import * as structs from "../../build/structs.ts";
import { type OpenedIndex, read } from "../memory/opened-index.ts";
import { weighed } from "../memory/weighed.ts";
import { headHoldsAllowed } from "./allowed-head.ts";
import type { DistinctDraws, Draws, ExactDraws } from "./answers.ts";
import { sampleByBuckets } from "./by-buckets.ts";
import { conditionedScoresOf, logQsOf, positionsOf } from "./by-class.ts";
import { proposeListed, sampleByCodes } from "./by-codes.ts";
import { withEffectiveSampleSize } from "./effective-sample-size.ts";
import { drawExact } from "./exact-sample.ts";
import { logQByCodes } from "./log-q-by-codes.ts";
import { logWeights } from "./log-weights.ts";
import { type LogProposal, mixDraws, mixtureOf } from "./mixture.ts";
import type { Proposal } from "./options.ts";
import { logProbabilitiesOf } from "./probabilities.ts";
import type { MixtureShares } from "./recommend-options.ts";
import { drawExactKeys, drawKeys } from "./without-replacement.ts";

/** The distribution of draws: the softmax itself with `exact`, otherwise a proposal with its head. */
export interface DrawRequest {
  readonly exact: boolean;
  readonly proposal: Proposal;
  readonly scan: number;
  readonly seed: bigint;
  /** Shares of the draws that explore. Default: none. */
  readonly mixture?: MixtureShares | undefined;
}

/** The distribution under which log Q is computed. */
export type ProposalRequest = Pick<DrawRequest, "proposal" | "scan" | "mixture">;

/** Draws independently for the query in place. There are no draws if all classes are filtered out. */
export function drawClasses(
  opened: OpenedIndex,
  draws: number,
  { exact, proposal, scan, seed, mixture }: DrawRequest,
): ExactDraws | Draws {
  const count = opened.conditions.allowedCount > 0 ? draws : 0;
  const isAllowed = headHoldsAllowed(opened, scan);
  if (exact && !isAllowed) return { ...drawExact(opened, count, seed), effectiveSampleSize: count, seed };
  const drawn =
    proposal === "codes" || isAllowed
      ? sampleByCodes(opened, { scan, draws: count, seed })
      : sampleByBuckets(opened, scan, count, seed);
  if (!exact) {
    const mixed = mixture ? mixDraws(opened, drawn, seed, mixture, logProposalOf(opened, proposal, scan)) : drawn;
    return withEffectiveSampleSize(opened, { ...mixed, seed });
  }
  const { ids, scores, scored } = drawn;
  return { ids, scores, scored, effectiveSampleSize: count, seed };
}

/** Draws distinct classes, with weights that make sums over them unbiased. */
export function drawDistinct(opened: OpenedIndex, k: number, request: DrawRequest): DistinctDraws {
  const { scan, seed } = request;
  const isAllowed = headHoldsAllowed(opened, scan);
  const exact = request.exact || isAllowed;
  const drawn = exact && !isAllowed ? drawExactKeys(opened, k, seed) : drawKeys(opened, k, scan, seed);
  const logits = logProbabilitiesOf(opened, drawn.scores, 0);
  const logMasses = exact
    ? logits
    : logQsOf(opened, drawn.ids).map((q) => q + read(opened, structs.SEARCH_LOG_PROPOSAL));
  return { ...drawn, logWeights: logWeights(opened.kernels, logits, logMasses, drawn.threshold), exact, seed };
}

/** Computes log Q of classes that the caller names. */
export function proposalOf(
  opened: OpenedIndex,
  ids: Int32Array,
  { proposal, scan, mixture }: ProposalRequest,
): Float32Array {
  placeProposal(opened, proposal, scan);
  const logProposal = logProposalOf(opened, proposal, scan);
  if (mixture) return Float32Array.from(mixtureOf(opened, ids, mixture, logProposal));
  return Float32Array.from(logProposal(ids));
}

/** Makes the proposal with the head under `scan`, and returns the number of rows that this scores. */
export function placeProposal(opened: OpenedIndex, proposal: Proposal, scan: number): number {
  if (proposal === "codes" || headHoldsAllowed(opened, scan)) proposeListed(opened, scan);
  else weighed(opened).propose(opened.plan.layout, scan, 0);
  return read(opened, structs.SEARCH_HEAD_COUNT);
}

/** Returns a function that computes log Q of classes under the proposal in place. */
export function logProposalOf(opened: OpenedIndex, proposal: Proposal, scan: number): LogProposal {
  if (proposal === "buckets" && !headHoldsAllowed(opened, scan)) return (ids) => logQsOf(opened, ids);
  return (ids, scores = conditionedScoresOf(opened, ids)) => logQByCodes(opened, positionsOf(opened, ids), scores);
}
