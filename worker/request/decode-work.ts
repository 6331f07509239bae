import { DEFAULT_SCAN, HEAD_GROWTH, LARGEST_HEAD, LEAST_ROOM } from "../../src/internal.ts";
import type { DecodeOptions, MultiIndex } from "../../src/public.ts";
import { MAX_SCAN } from "../contract/limits.ts";
import type { ConditionFields } from "./conditions.ts";
import { sampleWork } from "./draw-work.ts";
import { BOUND, CODE, estimateWork, headWork, NUMBER, scanWork } from "./work.ts";

type DecodeEffort = Pick<DecodeOptions, "topK" | "topP" | "minP" | "order" | "certain" | "topLogProbabilities">;

/** The work of ranking a class and summing its mass: 100 ns. */
export const RANK = 240;
/** The numbers of an answer, and its label. */
const ANSWER_NUMBERS = 10;

/**
 * Returns the work of decoding one query, without ranking classes from all rows: their number follows from the scores. The
 * endpoint lets a request rank as many as the work that is left allows.
 */
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
  // If bounds leave too many classes for a large room, a scan lists them again.
  const listed = minP > 0 && (topK === 0 || topK > LEAST_ROOM) ? scanWork(info) : 0;
  const bounded = isBounded ? certifiedWork(info) + listed : 0;
  const startsWithTopP = !isBounded || order?.find((step) => step !== "temperature") === "topP";
  return own + bounded + (topP < 1 && startsWithTopP ? nucleusWork(info) : 0);
}

/**
 * Returns the work of finding the best classes with certainty: a head, bounds of buckets and of codes, and at most all rows.
 */
function certifiedWork(info: MultiIndex["info"]): number {
  const { itemCount, dim, bucketCount, hasFineCodes } = info;
  const coded = hasFineCodes ? Math.ceil(itemCount * dim * CODE) : 0;
  return headWork(info, undefined, 0) + BOUND * bucketCount + coded + scanWork(info);
}

/**
 * Returns the work of estimating the end of a nucleus by growing heads, which are ranked, and then scanning all rows. A second
 * scan, after too high a guess of the end, does not count, since errors beyond 1.96 standard errors are rare.
 */
function nucleusWork(info: MultiIndex["info"]): number {
  const largest = Math.min(MAX_SCAN, Math.max(DEFAULT_SCAN, info.itemCount * LARGEST_HEAD));
  let heads = 0;
  for (let scan = largest; scan >= DEFAULT_SCAN; scan /= HEAD_GROWTH)
    heads += headWork(info, scan) + (scan + info.outlierCount) * RANK;
  return Math.ceil(heads) + scanWork(info);
}
