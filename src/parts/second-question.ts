import type { ScanChoice } from "../answers/answers.ts";
import { DEFAULT_DRAWS, DEFAULT_SCAN } from "../answers/options.ts";
import { isTriedAgain } from "../answers/tried-again.ts";
import { DEFAULT_LIMITS } from "../memory/load-options.ts";
import { beginsAnew } from "./one-state.ts";
import type { PartInfo } from "./part.ts";
import type { PartialAnswer, PartialEstimate } from "./partial-answer.ts";
import { ESTIMATES, type Question, type QuestionOptions } from "./question.ts";

// A default answer that is flagged is of no use, so all parts are asked once more. An index foresees the bars of larger heads and
// takes the cheapest (answers/second-try.ts). Parts do not know each other's, so all get the same effort, and the time it takes is
// known beforehand.

/**
 * The head and the draws of the second question, in units of the default. It takes .7 to 2.4 times as long as the first. Of five
 * output layers in 2, 4 and 8 parts, 0 to 7 % of the default answers are flagged at T = 0.5 and 1, and then 0 to .8 %; of one without
 * structure it is 68 to 94 %, and then 2 to 22 % (npm run bench:part-tries).
 */
const TIMES = 4;
/** Up to so many classes, all rows are read: a head of a quarter of them would take as long. */
const FEW_CLASSES = TIMES * TIMES * DEFAULT_SCAN;
/** Of the answers with a larger bar, one in six would be trusted. Of the others, it is nine in ten up to .2, and seven up to 1. */
const LARGEST_BAR = 1;

/** The facts about all parts that a second question depends on. */
type AskedParts = Pick<PartInfo, "numbers" | "itemCount" | "maxScan" | "maxDraws">;

/** Asks a question, and once more with a larger effort if the answer is a flagged estimate whose effort was left to the library. */
export async function askAgain(
  question: Question,
  info: AskedParts,
  ask: (question: Question) => Promise<PartialAnswer>,
): Promise<PartialAnswer> {
  const first = await ask(question);
  const again = secondQuestion(question, first, info);
  if (again === undefined) return first;
  const second = await ask(again).catch((error: unknown): undefined => {
    if (beginsAnew(error)) throw error;
    // The parts accepted the first question, so that the fault is not the caller's, and the first answer is right as it is.
  });
  // A part may be missing by now, and the first answer is of all.
  if (!second || second.parts.length < first.parts.length) {
    return { ...first, scored: first.scored + (second?.scored ?? 0) };
  }
  return secondAnswer(again, first, second);
}

/** Returns the question to ask after the answer of all parts. Undefined if that answer stays. */
export function secondQuestion(
  question: Question,
  { estimate, parts }: PartialAnswer,
  info: AskedParts,
): Question | undefined {
  const { scan, proposal, exact, draws = DEFAULT_DRAWS, ...others } = question.options;
  const isDefault = ESTIMATES.has(question.call) && exact !== true && isTriedAgain(scan, proposal) && draws >= 2;
  const { numbers } = info;
  // An answer of some of the parts promises no estimate, and a part that is alone has tried again by itself.
  if (!isDefault || estimate === undefined || parts.length < numbers.length || numbers.length === 1) return undefined;
  // Parts that are together one part have asked again, if their answer says how it was made.
  if (!estimate.lowEss || !estimate.terms.isSampled || estimate.choice !== undefined) return undefined;
  const effort = secondEffort(info, draws);
  const bar = Number.isFinite(estimate.standardError) ? estimate.standardError : estimate.modelError;
  if (effort === undefined || (effort.exact !== true && bar > LARGEST_BAR)) return undefined;
  return { ...question, options: { ...others, ...effort } };
}

/** Returns the effort of the second question after one with the default head. Undefined if limits leave nothing to raise. */
export function secondEffort(
  { itemCount, maxScan = DEFAULT_LIMITS.maxScan, maxDraws = DEFAULT_LIMITS.maxDraws }: Omit<AskedParts, "numbers">,
  draws: number,
): Pick<QuestionOptions, "exact" | "scan" | "draws"> | undefined {
  if (itemCount <= FEW_CLASSES) return { exact: true };
  const larger = { scan: Math.min(TIMES * DEFAULT_SCAN, maxScan), draws: Math.min(TIMES * draws, maxDraws) };
  return larger.scan > DEFAULT_SCAN || larger.draws > draws ? larger : undefined;
}

/** Returns the second answer, which says how it was made and counts the rows of both. */
export function secondAnswer({ options }: Question, first: PartialAnswer, second: PartialAnswer): PartialAnswer {
  const before = first.estimate as PartialEstimate;
  const estimate = second.estimate as PartialEstimate;
  const { scan, draws, exact = false } = options;
  const choice: ScanChoice = {
    scan: exact ? second.scored : (scan as number),
    draws: exact ? 0 : (draws as number),
    proposal: "buckets",
    exact,
    expectedError: estimate.modelError,
    headShare: before.terms.proposal > 0 ? before.terms.head / before.terms.proposal : 1,
    expectedErrorAtDefault: before.modelError,
  };
  return { ...second, scored: first.scored + second.scored, estimate: { ...estimate, choice } };
}
