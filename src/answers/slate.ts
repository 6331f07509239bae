import type { OpenedIndex } from "../memory/opened-index.ts";
import type { SlateProbability } from "./answers.ts";
import { conditionedScoresOf, positionsOf } from "./by-class.ts";
import { type DrawRequest, logProposalOf, placeProposal } from "./draws.ts";
import { logOfSum } from "./log-of-sum.ts";
import { logRestOfProposal } from "./rest-of-proposal.ts";
import { logMassWithout } from "./rest-of-softmax.ts";

/** The distribution that a slate is drawn from: the softmax itself with `exact`, otherwise a proposal with its head. */
export type SlateRequest = Pick<DrawRequest, "exact" | "proposal" | "scan">;

/**
 * Computes the probability of drawing different classes in this order, each from those that are left (Plackett & Luce). The
 * mass that is left after all of them is summed, and the classes are put back from the last to the first, so that nothing is
 * subtracted.
 */
export function slateProbability(opened: OpenedIndex, { logs, logRest, scored, exact }: SlateMasses): SlateProbability {
  const logProbabilities = new Float64Array(logs.length);
  let left = logRest;
  let logProbability = 0;
  for (let i = logs.length - 1; i >= 0; i--) {
    const log = logs[i] as number;
    left = logOfSum(opened, left, log);
    // log Q is normalised: the first class of a slate has its log Q, without the rounding of a sum.
    const total = i === 0 && !exact ? 0 : left;
    logProbabilities[i] = log > Number.NEGATIVE_INFINITY ? log - total : log;
    logProbability += logProbabilities[i] as number;
  }
  return { logProbability, logProbabilities, exact, scored };
}

/** The classes of a slate and all others, on a scale of their own. */
export interface SlateMasses {
  /** The logarithm of the mass of each class of the slate; −∞ where it is filtered out. */
  readonly logs: Float64Array;
  /** The logarithm of the mass of all other classes. */
  readonly logRest: number;
  readonly scored: number;
  readonly exact: boolean;
}

/** Computes the masses that the probability of a slate is made of: log Q, or with `exact` scores over T. */
export const slateMasses = (opened: OpenedIndex, ids: Int32Array, request: SlateRequest): SlateMasses => ({
  ...(request.exact ? softmaxMasses(opened, ids) : proposalMasses(opened, ids, request)),
  exact: request.exact,
});

type Masses = Omit<SlateMasses, "exact">;

function softmaxMasses(opened: OpenedIndex, ids: Int32Array): Masses {
  const { conditions } = opened;
  const positions = positionsOf(opened, ids);
  const logs = Float64Array.from(conditionedScoresOf(opened, ids), (score) => score * conditions.inverseTemperature);
  const { logMass, scored } = logMassWithout(opened, positions);
  return { logs, logRest: logMass, scored: scored + ids.length };
}

function proposalMasses(opened: OpenedIndex, ids: Int32Array, request: SlateRequest): Masses {
  const { proposal, scan } = request;
  const scored = placeProposal(opened, proposal, scan);
  const logProposal = logProposalOf(opened, proposal, scan);
  const logs = logProposal(ids);
  const logRest = logRestOfProposal(opened, request, positionsOf(opened, ids), logProposal);
  return { logs, logRest, scored: scored + ids.length };
}
