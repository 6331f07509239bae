import { DEFAULT_TARGET_ERROR } from "../answers/options.ts";
import { checkCount, checkFlag, checkNumber, checkSeed } from "../checks/check.ts";
import type { DecodeRequest } from "./decode.ts";
import type { DecodeOptions } from "./decode-options.ts";

const UNLIMITED = Number.POSITIVE_INFINITY;

/** Checks the options of decode that are the same for all queries of a batch. `checkTop` knows how many classes there may be. */
export function decodeEffort(
  options: DecodeOptions,
  checkTop: (count: number) => number,
): Omit<DecodeRequest, "chain" | "maxK"> {
  const { targetError = DEFAULT_TARGET_ERROR, maxRanked, topLogProbabilities: top } = options;
  return {
    certain: checkFlag("certain", options.certain),
    targetError: checkNumber("targetError", targetError, 0, UNLIMITED),
    topCount: top === undefined ? undefined : checkTop(top),
    maxRanked: maxRanked === undefined ? UNLIMITED : checkCount("maxRanked", maxRanked, UNLIMITED, ""),
    seed: checkSeed(options.seed),
  };
}
