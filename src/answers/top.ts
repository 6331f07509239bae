import * as structs from "../../build/structs.ts";
import { type OpenedIndex, read } from "../memory/opened-index.ts";
import { weighed } from "../memory/weighed.ts";
import { headHoldsAllowed, headListsAllowed } from "./allowed-head.ts";
import type { TopK } from "./answers.ts";
import { predictByCodes } from "./by-codes.ts";
import { certifyTop } from "./certified-top.ts";
import { topThinned } from "./thinning.ts";
import { topByCodes } from "./top-by-codes.ts";

/** The effort of a search for the best classes. */
export interface TopEffort {
  /** Finds the best of all classes with certainty, and ignores `scan` and `rescore`. */
  readonly exact: boolean;
  /** The number of classes in the head or, with `rescore`, of fine codes to read. */
  readonly scan: number;
  /** The number of rows to score exactly, those with the best fine codes. */
  readonly rescore?: number;
  /** `rescore` was chosen for a recall that was measured, not by the caller. */
  readonly isMeasured?: boolean;
}

/** Finds the k best classes for the query in place: by refined scores where the file has residuals. */
export function findTop(opened: OpenedIndex, k: number, { exact, scan, rescore, isMeasured }: TopEffort): TopK {
  opened.kernels.refineTop(opened.plan.layout);
  // With many classes, exact answers of a batch read each row once, and searches by codes read fewer rows.
  const isScored = exact || rescore !== undefined ? headListsAllowed : headHoldsAllowed;
  if (isScored(opened, scan)) {
    predictByCodes(opened, k, { scan, draws: 0, seed: 0n });
    return topOf(opened, true, read(opened, structs.SEARCH_SCORED));
  }
  if (exact) return topOf(opened, true, certifyTop(opened, k));
  if (rescore !== undefined) {
    const found = topByCodes(opened, k, { scan, rescore, fillsUp: isMeasured === true });
    return topOf(opened, found.exact, found.scored);
  }
  if (!topThinned(opened, k, scan)) weighed(opened).predict(opened.plan.layout, k, scan, 0, 0n);
  return topOf(opened, headIsAll(opened), read(opened, structs.SEARCH_SCORED));
}

/** Copies the best classes that the last search left. */
export function topOf(opened: OpenedIndex, exact: boolean, scored: number): TopK {
  const { integers, floats } = opened;
  const { topIds, topScores } = opened.plan.regions;
  const count = read(opened, structs.SEARCH_TOP_COUNT);
  return {
    ids: integers.slice(topIds / 4, topIds / 4 + count),
    scores: floats.slice(topScores / 4, topScores / 4 + count),
    exact,
    scored,
  };
}

/** Returns true if the last search scored every class that is not filtered out. */
export const headIsAll = (opened: OpenedIndex): boolean =>
  read(opened, structs.SEARCH_HEAD_COUNT) === opened.conditions.allowedCount;
