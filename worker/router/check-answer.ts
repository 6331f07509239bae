import { mergeAnswers, type PartialAnswer, type Question } from "../../src/parts/index.ts";
import { PartFailure } from "../parts/part-failure.ts";
import type { RoutedParts } from "./part-hosts.ts";

/**
 * Checks that an answer is of these parts, or of some of them where some may be missing. PartFailure for one of other parts or
 * of another generation, and for one that answers no such question, so that another replica is asked.
 */
export function checkAnswer(
  { numbers, generation }: RoutedParts,
  answer: PartialAnswer,
  question: Question,
  isPartial: boolean,
): void {
  const { parts } = answer;
  if (answer.generation !== generation) {
    throw new PartFailure("it answers with another generation than it was asked");
  }
  const own = isPartial ? numbers.filter((number) => parts.includes(number)) : numbers;
  if (parts.length === 0 || parts.join() !== own.join()) throw new PartFailure(`it answers as part ${parts.join()}`);
  mergeAnswers(question, [answer]);
}
