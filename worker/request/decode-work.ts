import { DEFAULT_SCAN, LEAST_ROOM, QUICK_HEADS } from "../../src/internal.ts";
import type { DecodeOptions, MultiIndex } from "../../src/public.ts";
import type { ConditionFields } from "./conditions.ts";
import { BOUND, CODE, estimateWork, growthWork, headWork, NUMBER, sampleWork } from "./work.ts";

type DecodeEffort = Pick<DecodeOptions, "topK" | "topP" | "minP" | "order" | "certain" | "topLogProbabilities">;

/** Rank a class, and sum its mass: 200 ns. */
const RANK = 480;
/** The numbers of an answer, and its label. */
const ANSWER_NUMBERS = 10;

/** Decode one query. A truncation that depends on the scores counts the scans and the ranks of all classes that it can take. */
export function decodeWork(
  info: MultiIndex["info"],
  { topK = 0, topP = 1, minP = 0, order, certain = false, topLogProbabilities }: DecodeEffort,
  { temperature }: ConditionFields,
): number {
  const written = (ANSWER_NUMBERS + 3 * (topLogProbabilities ?? 0)) * NUMBER;
  const top = topLogProbabilities === undefined ? 0 : estimateWork(info, { exact: certain }, topLogProbabilities);
  const own = written + top;
  if (temperature === 0) return own + certifiedWork(info);
  const isBounded = topK > 0 || minP > 0;
  if (!isBounded && topP === 1)
    return own + sampleWork(info, { draws: 1, exact: true }) + estimateWork(info, { exact: certain });
  const bounded = isBounded ? certifiedWork(info) + (minP > 0 ? nearWork(info, topK) : 0) : 0;
  const startsWithTopP = !isBounded || order?.find((step) => step !== "temperature") === "topP";
  const nucleus = topP < 1 && startsWithTopP ? nucleusWork(info) + (isBounded ? 0 : info.itemCount * RANK) : 0;
  return own + bounded + nucleus;
}

/** Find the best classes with certainty: a head, bounds of buckets and of codes, and at most all rows. */
function certifiedWork(info: MultiIndex["info"]): number {
  const { itemCount, dim, bucketCount, hasFineCodes } = info;
  const coded = hasFineCodes ? itemCount * dim * CODE : 0;
  return headWork(info, undefined, 0) + BOUND * bucketCount + Math.ceil(coded) + itemCount * dim;
}

/**
 * Collect the classes near the best. Where bounds leave too many, all rows are scanned and ranked. There is always room for a
 * small top_k, so that only an index that is scanned anyway ranks more.
 */
function nearWork({ itemCount, dim }: MultiIndex["info"], topK: number): number {
  if (topK > 0 && topK <= LEAST_ROOM) return Math.min(itemCount, QUICK_HEADS * DEFAULT_SCAN) * RANK;
  return itemCount * (dim + RANK);
}

/** Estimate where a nucleus ends by growing heads, then scan all rows, and again where the guess of its end was too high. */
const nucleusWork = (info: MultiIndex["info"]): number => growthWork(info, undefined) + info.itemCount * info.dim;
