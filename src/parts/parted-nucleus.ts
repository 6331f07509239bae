import { exp64 } from "../arithmetic/exp-log.ts";
import { NORMAL_95 } from "../arithmetic/normal-95.ts";
import type { Chain, Stage } from "../decode/chain.ts";
import { cutByEstimate, type EstimatedCut } from "../decode/cut.ts";
import { inverseOf } from "../decode/masses.ts";
import { checkLeft, type Ranked } from "../decode/ranked.ts";
import type { DecodeQuestions } from "./decode-questions.ts";
import type { PartialEstimate } from "./partial-answer.ts";
import { truncated } from "./ranks.ts";

// topP as the first truncation over parts. Parts rank the classes that the other truncations leave or, without any, those that
// a minP leaves. Most nuclei lie within the first ranks. Each further question may read all rows, so that there are two, and log Z
// of all rows comes before them if the estimate would be doubted in the end.

/** The first minP, and the power of it that the second one has at most. */
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
    const isEnough = share <= least || holds(ranks, estimate, stages);
    const { standardError } = estimate;
    if (isEnough) {
      const cut = cutOf(ranks, estimate, chain);
      if (cut.doubt <= targetError) return cut;
    }
    // A standard error more or less changes the mass of the nucleus by that share of it.
    if (standardError > 0 && (isEnough || 2 * standardError > targetError)) {
      estimate = await asked.exactly();
      continue;
    }
    share = share === FIRST_SHARE ? secondShare(least) : least;
    ranks = await questions.ranks(stagesAt());
  }
}

/**
 * Returns the second minP, between the first and the least in their logarithms. If a larger one is enough, what topP leaves out has
 * at most √(64 n (1 − p) Z) classes above it, of n classes with Z times the mass of the best one.
 */
const secondShare = (least: number): number =>
  Math.max(Math.min(FIRST_SHARE ** NEXT_POWER, Math.sqrt(FIRST_SHARE * least)), least);

/** Returns a function of the mass of all classes, this many standard errors above the estimate, in units of the best class. */
function massOf({ scores }: Ranked, { logPartition, standardError }: PartialEstimate, { temperature }: Stage) {
  const top = (scores[0] as number) * inverseOf(temperature);
  return (bars: number): number => exp64(logPartition + bars * standardError - top);
}

/** Returns whether the ranks contain the whole nucleus, taken at the upper end of the error bar. */
function holds(ranks: Ranked, estimate: PartialEstimate, [stage]: readonly Stage[]): boolean {
  const { value, temperature } = stage as Stage;
  const mass = massOf(ranks, estimate, stage as Stage)(NORMAL_95);
  return truncated(ranks)
    .at(temperature)
    .reaches(value * mass);
}

/** Returns the minP that leaves out less than half the mass that topP leaves out, even if all classes are that probable. */
function leastShare(ranks: Ranked, estimate: PartialEstimate, { chain, itemCount }: PartedNucleus): number {
  const stage = chain.stages[0] as Stage;
  const mass = massOf(ranks, estimate, stage)(-NORMAL_95);
  return ((1 - stage.value) * mass) / (2 * itemCount);
}

function cutOf(ranks: Ranked, estimate: PartialEstimate, chain: Chain): EstimatedCut {
  const massAt = massOf(ranks, estimate, chain.stages[0] as Stage);
  return cutByEstimate(truncated(ranks), chain, massAt, estimate.standardError, () => 0);
}
