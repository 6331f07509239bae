import * as structs from "../../build/structs.ts";
import { type OpenedIndex, read } from "../memory/opened-index.ts";
import type { TopK } from "./answers.ts";
import { certifyTop } from "./certified-top.ts";
import { topByCodes } from "./top-by-codes.ts";

/** What a search for the best classes reads. */
export interface TopEffort {
  /** The best of all classes, for certain; `scan` and `rescore` then mean nothing. */
  readonly exact: boolean;
  /** Classes of the head, or, with `rescore`, fine codes to read. */
  readonly scan: number;
  /** Rows that are scored of those whose fine codes are the best. */
  readonly rescore?: number;
  /** `rescore` was chosen for a recall that the build measured, not by hand. */
  readonly isMeasured?: boolean;
}

/** The k best classes for the query in place. */
export function findTop(opened: OpenedIndex, k: number, { exact, scan, rescore, isMeasured }: TopEffort): TopK {
  if (exact) return topOf(opened, true, certifyTop(opened, k));
  if (rescore !== undefined) {
    const found = topByCodes(opened, k, { scan, rescore, fillsUp: isMeasured === true });
    return topOf(opened, found.exact, found.scored);
  }
  opened.kernels.predict(opened.plan.layout, k, scan, 0, 0n);
  return topOf(opened, headIsAll(opened), read(opened, structs.SEARCH_SCORED));
}

/** The best classes that the last search left. */
export function topOf(opened: OpenedIndex, exact: boolean, scored: number): TopK {
  const { kernels, plan } = opened;
  const { buffer } = kernels.memory;
  const count = read(opened, structs.SEARCH_TOP_COUNT);
  return {
    ids: new Int32Array(buffer, plan.regions.topIds, count).slice(),
    scores: new Float32Array(buffer, plan.regions.topScores, count).slice(),
    exact,
    scored,
  };
}

/** Whether the last search scored every class that takes part. */
export const headIsAll = (opened: OpenedIndex): boolean =>
  read(opened, structs.SEARCH_HEAD_COUNT) === opened.conditions.allowedCount;
