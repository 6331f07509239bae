import { conditionedScoresOf, positionsOf } from "../answers/by-class.ts";
import { logProposalOf } from "../answers/draws.ts";
import { mixDraws, partsOf } from "../answers/mixture.ts";
import type { MultiIndex } from "../index/multi-index.ts";
import { lawCount } from "./mixtures.ts";
import { logMassOf, openedOf, proposedBy } from "./opened-of.ts";
import type { PartialDraws, PartialLaw } from "./partial-answer.ts";
import type { QuestionOptions } from "./question.ts";

// A mixture consists of the proposal, which is the first law, and of the laws that explore.

const NONE = Number.NEGATIVE_INFINITY;

type Drawn = Pick<PartialDraws, "ids" | "scores" | "logQ"> & { readonly scored: number };

/**
 * Replaces draws from the proposal in place as `sample` of an index does. The seed of the call chooses the law of each draw,
 * so that draw i is from the same law in all parts, and that of the part chooses classes.
 */
export function mixedDraws(
  index: MultiIndex,
  drawn: Drawn,
  options: QuestionOptions,
  callSeed: bigint,
): Drawn & { readonly laws: readonly PartialLaw[] } {
  const opened = openedOf(index);
  const { proposal, scan, seed, mixture } = proposedBy(index, options);
  const hasMass = opened.conditions.allowedCount > 0;
  const logProposal = logProposalOf(opened, proposal, scan);
  const mixed = hasMass ? mixDraws(opened, drawn, seed, mixture, logProposal, callSeed) : drawn;
  return { ...mixed, laws: lawsOf(index, mixed.ids, options) };
}

/** Computes the logarithms of classes under each law of a mixture, with the proposal in place. */
export function lawsOf(index: MultiIndex, ids: Int32Array, options: QuestionOptions): PartialLaw[] {
  const opened = openedOf(index);
  const { proposal, scan, mixture } = proposedBy(index, options);
  const logMass = logMassOf(opened);
  if (logMass === NONE) {
    const none = { logMass, logs: new Float64Array(ids.length).fill(NONE) };
    return Array.from({ length: lawCount(mixture) }, () => none);
  }
  const scores = conditionedScoresOf(opened, ids);
  const logs = logProposalOf(opened, proposal, scan)(ids, scores);
  const positions = positionsOf(opened, ids);
  const exploring = partsOf(opened, mixture).map(({ law }) => ({
    logMass: law.logMass,
    logs: Float64Array.from(scores, (score, i) => (score > NONE ? law.logOf(positions[i] as number) : NONE)),
  }));
  return [{ logMass, logs }, ...exploring];
}
