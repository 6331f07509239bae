import { DEFAULT_LAMBDA, type Diversity, defaultPool } from "../answers/recommend-options.ts";
import { checkNumber } from "../checks/check.ts";
import { optionsWithoutNull } from "../checks/known-options.ts";

/**
 * Reads the option `diversity` of a call for `k` classes, a number that is checked. `sizeOf` checks a number of classes
 * and returns at most all of them. With lambda 1 the answer is that without the option.
 */
export function diversityOf(
  k: number,
  diversity: Diversity | undefined,
  sizeOf: (name: string, size: number) => number,
  maxK: number,
): Required<Diversity> {
  const plain = { lambda: 1, pool: k };
  if (diversity === undefined) return plain;
  const { lambda = DEFAULT_LAMBDA, pool } = optionsWithoutNull("diversity", diversity, ["lambda", "pool"], "diversity");
  checkNumber("diversity.lambda", lambda, 0, 1);
  const size = pool ?? defaultPool(k, maxK);
  const found = sizeOf("diversity.pool", size);
  if (size < k) throw new RangeError(`"diversity.pool" expected at least ${k} (k), got ${size}`);
  return lambda === 1 || k === 0 ? plain : { lambda, pool: found };
}
