import * as structs from "../../build/structs.ts";
import { type OpenedIndex, read } from "../memory/opened-index.ts";

/** The number of codes to read (`scan`) and of rows to score exactly (`rescore`). */
interface CodedTop {
  readonly scan: number;
  readonly rescore: number;
  /** Reads all codes if the first `scan` rows have fewer than k classes that are not filtered out. */
  readonly fillsUp: boolean;
}

/**
 * Reads the codes of `scan` rows, scores the `rescore` best by code, and leaves the k best in topIds and topScores.
 * Returns the number of rows scored, and whether these are all classes.
 */
export function topByCodes(
  opened: OpenedIndex,
  k: number,
  { scan, rescore, fillsUp }: CodedTop,
): { readonly exact: boolean; readonly scored: number } {
  const { kernels, plan, header, conditions } = opened;
  const { itemCount } = header.facts;
  kernels.scanTop(plan.layout, k, scan, rescore);
  const first = read(opened, structs.SEARCH_SCORED);
  const isShort = fillsUp && read(opened, structs.SEARCH_TOP_COUNT) < Math.min(k, conditions.allowedCount);
  if (!isShort) return { exact: first === conditions.allowedCount, scored: first };
  kernels.scanTop(plan.layout, k, itemCount, rescore);
  const second = read(opened, structs.SEARCH_SCORED);
  return { exact: second === conditions.allowedCount, scored: first + second };
}
