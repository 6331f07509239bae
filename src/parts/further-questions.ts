import type { ScanChoice } from "../answers/answers.ts";
import { DEFAULT_DRAWS, DEFAULT_SCAN } from "../answers/options.ts";
import { isTriedAgain } from "../answers/tried-again.ts";
import { DEFAULT_LIMITS } from "../memory/load-options.ts";
import { beginsAnew } from "./one-state.ts";
import type { PartInfo } from "./part.ts";
import type { PartialAnswer, PartialEstimate } from "./partial-answer.ts";
import { ESTIMATES, type Question, type QuestionOptions } from "./question.ts";

// A default answer that is flagged is of no use, so all parts are asked again. An index foresees the bars of larger heads and takes
// the cheapest (answers/second-try.ts). Parts do not know each other's, so all get the same effort, and the time it takes is known
// beforehand.

/**
 * The head and the draws of the second question, in units of the default. It takes .7 to 2.4 times as long as the first. Of five
 * output layers in 2, 4 and 8 parts, 0 to 7 % of the default answers are flagged at T = 0.5 and 1, and 0 to .8 % after it; of one
 * without structure it is 68 to 94 %, and 2 to 22 %.
 */
const TIMES = 4;
/** Up to so many classes, all rows are read at once: a head of a quarter of them would take as long. */
const FEW_CLASSES = TIMES * TIMES * DEFAULT_SCAN;
/** Of the answers with a larger bar, one in six would be trusted. Of the others, it is nine in ten up to .2, and seven up to 1. */
const LARGEST_BAR = 1;

/** The facts about all parts that further questions depend on. */
type AskedParts = Pick<PartInfo, "numbers" | "itemCount" | "maxScan" | "maxDraws">;

/** The effort of a further question. */
type FurtherEffort = Pick<QuestionOptions, "exact" | "scan" | "draws">;

/**
 * Asks a question, and again with larger efforts as long as the answer is a flagged estimate whose effort was left to the library.
 */
export async function askAgain(
  question: Question,
  info: AskedParts,
  ask: (question: Question) => Promise<PartialAnswer>,
): Promise<PartialAnswer> {
  let answer = await ask(question);
  for (const again of furtherQuestions(question, answer, info)) {
    const next = await ask(again).catch((error: unknown): undefined => {
      if (beginsAnew(error)) throw error;
      // The parts accepted the first question, so that the fault is not the caller's, and the answer before is right as it is.
    });
    // A part may be missing by now, and the answer before is of all.
    if (!next || next.parts.length < answer.parts.length) {
      return { ...answer, scored: answer.scored + (next?.scored ?? 0) };
    }
    answer = furtherAnswer(again, answer, next);
    if (!answer.estimate?.lowEss) break;
  }
  return answer;
}

/** Returns the questions to ask after the first answer of all parts, one after the other until an answer is not flagged. */
export function furtherQuestions(
  question: Question,
  { estimate, parts }: PartialAnswer,
  info: AskedParts,
): readonly Question[] {
  const { scan, proposal, exact, draws = DEFAULT_DRAWS, ...others } = question.options;
  const isDefault = ESTIMATES.has(question.call) && exact !== true && isTriedAgain(scan, proposal) && draws >= 2;
  const { numbers } = info;
  // An answer of some of the parts promises no estimate, and a part that is alone has tried again by itself.
  if (!isDefault || estimate === undefined || parts.length < numbers.length || numbers.length === 1) return [];
  // Parts that are together one part have asked again, if their answer says how it was made.
  if (!estimate.lowEss || !estimate.terms.isSampled || estimate.choice !== undefined) return [];
  return furtherEfforts(info, draws)
    .filter((effort) => effort.exact === true || barOf(estimate) <= LARGEST_BAR)
    .map((effort) => ({ ...question, options: { ...others, ...effort } }));
}

/** Returns the bar of an answer, or that of the model if it has none. Infinity if a tail is beyond its limit of spreads. */
const barOf = ({ standardError, modelError, terms }: PartialEstimate): number =>
  Number.isFinite(standardError) || terms.variance === Number.POSITIVE_INFINITY ? standardError : modelError;

/** Returns the efforts of the questions after one with the default head, in order. The last is all rows. */
export function furtherEfforts(
  { itemCount, maxScan = DEFAULT_LIMITS.maxScan, maxDraws = DEFAULT_LIMITS.maxDraws }: Omit<AskedParts, "numbers">,
  draws: number,
): readonly FurtherEffort[] {
  if (itemCount <= FEW_CLASSES) return [{ exact: true }];
  const larger = { scan: Math.min(TIMES * DEFAULT_SCAN, maxScan), draws: Math.min(TIMES * draws, maxDraws) };
  return [...(larger.scan > DEFAULT_SCAN || larger.draws > draws ? [larger] : []), { exact: true }];
}

/**
 * Returns the answer to a further question, which says how it was made and counts the rows of all. `headShare` and
 * `expectedErrorAtDefault` of its choice are those of the first.
 */
export function furtherAnswer({ options }: Question, before: PartialAnswer, next: PartialAnswer): PartialAnswer {
  const flagged = before.estimate as PartialEstimate;
  const estimate = next.estimate as PartialEstimate;
  const { scan, draws, exact = false } = options;
  const { head, proposal } = flagged.terms;
  const atDefault = flagged.choice ?? {
    headShare: proposal > 0 ? head / proposal : 1,
    expectedErrorAtDefault: flagged.modelError,
  };
  const choice: ScanChoice = {
    ...atDefault,
    scan: exact ? next.scored : (scan as number),
    draws: exact ? 0 : (draws as number),
    proposal: "buckets",
    exact,
    expectedError: estimate.modelError,
  };
  return { ...next, scored: before.scored + next.scored, estimate: { ...estimate, choice } };
}
