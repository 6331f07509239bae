import { exp64 } from "../arithmetic/exp-log.ts";
import type { Chain, Stage } from "../decode/chain.ts";
import { BAR, cutByEstimate, type EstimatedCut } from "../decode/cut.ts";
import { inverseOf } from "../decode/masses.ts";
import { checkLeft, type Ranked } from "../decode/ranked.ts";
import type { DecodeQuestions } from "./decode-questions.ts";
import type { PartialEstimate } from "./partial-answer.ts";
import { truncated } from "./ranks.ts";

// topP as the first truncation over parts. Parts rank the classes that the other truncations leave or, without any, those that
// a minP leaves. Most nuclei lie within the first ranks, and otherwise minP shrinks until the rest is too small to matter.

/** The first minP, and the power of it that is the next one. */
const FIRST_SHARE = 2 ** -5;
const NEXT_POWER = 2;

/** The way in which a nucleus is searched over parts. */
export interface PartedNucleus {
  readonly chain: Chain;
  readonly itemCount: number;
  readonly targetError: number;
  readonly estimate: Promise<PartialEstimate>;
  readonly exactly: () => Promise<PartialEstimate>;
}

/** Keeps the classes of the nucleus that the other stages keep, too. */
export async function keepPartedNucleus(questions: DecodeQuestions, asked: PartedNucleus): Promise<EstimatedCut> {
  const { chain, targetError } = asked;
  const { stages } = chain;
  const isBounded = stages.some(({ by }) => by !== "topP");
  const { temperature } = stages[0] as Stage;
  let share = FIRST_SHARE;
  const stagesAt = (): readonly Stage[] => (isBounded ? stages : [{ by: "minP", value: share, temperature }]);
  let [ranks, estimate]: [Ranked, PartialEstimate] = await Promise.all([questions.ranks(stagesAt()), asked.estimate]);
  checkLeft(ranks.ids.length);
  if (!(estimate.standardError < Number.POSITIVE_INFINITY)) estimate = await asked.exactly();
  for (;;) {
    const least = isBounded ? 1 : leastShare(ranks, estimate, asked);
    while (share > least && !holds(ranks, estimate, stages)) {
      share = Math.max(share ** NEXT_POWER, least);
      ranks = await questions.ranks(stagesAt());
    }
    const cut = cutOf(ranks, estimate, chain);
    if (cut.doubt <= targetError) return cut;
    estimate = await asked.exactly();
  }
}

/** Returns a function of the mass of all classes, this many standard errors above the estimate, in units of the best class. */
function massOf({ scores }: Ranked, { logPartition, standardError }: PartialEstimate, { temperature }: Stage) {
  const top = (scores[0] as number) * inverseOf(temperature);
  return (bars: number): number => exp64(logPartition + bars * standardError - top);
}

/** Returns whether the ranks contain the whole nucleus, taken at the upper end of the error bar. */
function holds(ranks: Ranked, estimate: PartialEstimate, [stage]: readonly Stage[]): boolean {
  const { value, temperature } = stage as Stage;
  const mass = massOf(ranks, estimate, stage as Stage)(BAR);
  return truncated(ranks)
    .at(temperature)
    .reaches(value * mass);
}

/** Returns the minP that leaves out less than half the mass that topP leaves out, even if all classes are that probable. */
function leastShare(ranks: Ranked, estimate: PartialEstimate, { chain, itemCount }: PartedNucleus): number {
  const stage = chain.stages[0] as Stage;
  const mass = massOf(ranks, estimate, stage)(-BAR);
  return ((1 - stage.value) * mass) / (2 * itemCount);
}

function cutOf(ranks: Ranked, estimate: PartialEstimate, chain: Chain): EstimatedCut {
  const massAt = massOf(ranks, estimate, chain.stages[0] as Stage);
  return cutByEstimate(truncated(ranks), chain, massAt, estimate.standardError, () => 0);
}
