import { partAt } from "../answers/mixture.ts";
import type { Mixture, MixtureShares } from "../answers/recommend-options.ts";
import { mixtureShares } from "../index/mixture-shares.ts";
import type { PartialLaw } from "./partial-answer.ts";
import type { QuestionOptions } from "./question.ts";
import { lawNumbers, type Source } from "./random-numbers.ts";

/** A mixture as merges use it. Laws are numbered: the proposal is 0, and those that explore follow. */
export interface MergedMixture {
  /** The laws that explore, with their shares of the draws. */
  readonly exploring: readonly { readonly share: number }[];
  /** The law of each draw, the same in all parts. */
  readonly lawOf: (draw: number) => number;
}

/** Reads the mixture of a question. Each part checks that it has the popularity of its classes. */
const sharesOf = ({ mixture }: Pick<QuestionOptions, "mixture">): MixtureShares | undefined =>
  mixtureShares(mixture, { hasBias: true });

/** The number of laws of a mixture, the proposal included. */
export const lawCount = ({ uniform, popularity }: MixtureShares): number =>
  1 + Number(uniform > 0) + Number(popularity > 0);

/** Tells whether something is drawn from another law than the proposal. */
export const isMixed = (options: Pick<QuestionOptions, "mixture">): boolean => sharesOf(options) !== undefined;

/** Checks and copies the mixture of a call. Undefined if everything is drawn from the proposal. */
export function copyMixture(mixture: Mixture | undefined): Mixture | undefined {
  const shares = sharesOf(mixture === undefined ? {} : { mixture });
  if (shares === undefined) return undefined;
  const { uniform, popularity: share, power } = shares;
  return { uniform, ...(share > 0 && { popularity: { share, power } }) };
}

/** Returns the mixture of a question, if it has one, with the numbers that choose laws. */
export function mergedMixture(options: QuestionOptions, source: Source): MergedMixture | undefined {
  const shares = sharesOf(options);
  if (shares === undefined) return undefined;
  const exploring = [shares.uniform, shares.popularity].flatMap((share) => (share > 0 ? [{ share }] : []));
  const uniform = lawNumbers(source);
  return { exploring, lawOf: (draw) => 1 + partAt(exploring, uniform(draw)) };
}

/** Throws a RangeError if an answer to a question with a mixture lacks its laws, each for all its classes. */
export function checkLaws(
  name: string,
  options: QuestionOptions,
  count: number,
  laws: readonly PartialLaw[] | undefined,
): void {
  const shares = sharesOf(options);
  if (shares === undefined) return;
  const expected = lawCount(shares);
  if (laws?.length === expected && laws.every(({ logs }) => logs.length === count)) return;
  throw new RangeError(`${name} expected ${expected} laws of ${count} classes, got ${laws?.length ?? "none"}`);
}
