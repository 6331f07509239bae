import type { TopK } from "../answers/answers.ts";
import { diversify } from "../answers/diversify.ts";
import { DEFAULT_LAMBDA, type Diversity, LEAST_POOL, POOL_FACTOR } from "../answers/recommend-options.ts";
import { checkNumber } from "../checks/check.ts";
import { optionsWithoutNull } from "../checks/known-options.ts";
import type { OpenedIndex } from "../memory/opened-index.ts";

/** How many of the best classes to find, and what chooses those of the answer from them. */
export interface DiversePick {
  readonly pool: number;
  readonly pick: <Answer extends TopK>(opened: OpenedIndex, found: Answer) => Answer;
}

const asFound: DiversePick["pick"] = (_, found) => found;

/**
 * Reads the option `diversity` of a call for `k` classes, a number that is checked. `sizeOf` checks a number of classes
 * and returns at most all of them. Returns undefined where the answer is that without the option.
 */
export function diversityOf(
  k: number,
  diversity: Diversity | undefined,
  sizeOf: (name: string, size: number) => number,
  maxK: number,
): Required<Diversity> | undefined {
  if (diversity === undefined) return undefined;
  const { lambda = DEFAULT_LAMBDA, pool } = optionsWithoutNull("diversity", diversity, ["lambda", "pool"], "diversity");
  checkNumber("diversity.lambda", lambda, 0, 1);
  const size = pool ?? Math.max(k, Math.min(maxK, Math.max(POOL_FACTOR * k, LEAST_POOL)));
  const found = sizeOf("diversity.pool", size);
  if (size < k) throw new RangeError(`"diversity.pool" expected at least ${k} (k), got ${size}`);
  return lambda === 1 || k === 0 ? undefined : { lambda, pool: found };
}

/** Returns how many classes a call for `k` finds, and what chooses from them. */
export function diversePick(k: number, diversity: Required<Diversity> | undefined): DiversePick {
  if (diversity === undefined) return { pool: k, pick: asFound };
  return { pool: diversity.pool, pick: (opened, answer) => diversify(opened, answer, k, diversity) };
}
