import * as structs from "../../build/structs.ts";
import { type OpenedIndex, read } from "../memory/opened-index.ts";

/** Codes to read, and rows to score. */
interface CodedTop {
  readonly scan: number;
  readonly rescore: number;
  /** Reads all codes where those of `scan` rows have fewer than k classes that take part. */
  readonly fillsUp: boolean;
}

/**
 * The k best by the codes of `scan` rows, of which the best `rescore` are scored, in topIds and topScores. Returns the rows
 * scored, and whether these are all classes.
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
