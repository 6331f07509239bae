import { HIGH_ERROR, isWithinLimits, modelShare } from "../../answers/dispersion-bars.ts";
import { momentsOf } from "../../answers/estimate.ts";
import { type CostFacts, readsAllAtOnce } from "../../answers/next-effort.ts";
import { DEFAULT_DRAWS, DEFAULT_SCAN, DEFAULT_TARGET_ERROR } from "../../answers/options.ts";
import { predictTop } from "../../answers/probabilities.ts";
import { shownFigures } from "../../answers/shown-figures.ts";
import type { CalibrationValues } from "../../format/calibration-values.ts";
import type { OpenedIndex } from "../../memory/opened-index.ts";
import { SAFE_SPREAD } from "./fit-spread-limit.ts";
import { isTrusted, withSpread } from "./measured-answers.ts";
import { type DefaultAnswer, NO_CLASS } from "./query-statistics.ts";

// A default answer is tried again if its bar flags it. Calibrations make bars wider or narrower, or take them away, so all answers
// to a query are kept until they are known.

/** The first try of a default answer, with what its bar is made of, and the answers that take its place if it is flagged. */
export interface DefaultTries {
  readonly once: DefaultAnswer;
  /** If its bar is too wide. */
  readonly twice: DefaultAnswer;
  /** If its spread is beyond a limit. */
  readonly beyondSpread: DefaultAnswer;
  /** The standard error of the first try, before the factor. */
  readonly bar: number;
  readonly modelError: number;
  readonly logSpread: number;
  readonly modelShare: number;
  /** The index that answers, whose rows may all be read at once. */
  readonly facts: CostFacts;
}

/** The effort of a first try. */
const FIRST = { scan: DEFAULT_SCAN, draws: DEFAULT_DRAWS };

/** A factor by which a bar is above another one for certain. */
const ABOVE = 1.001;

/** Answers the query in place as predict does by default, in an index without a calibration. */
export function defaultTries(opened: OpenedIndex): DefaultTries {
  const { errorBars } = opened;
  const { standardError: bar, modelError, ...once } = answerOnce(opened, false);
  const { tailLogSpread, isExtended } = momentsOf(opened);
  // Bars that flag the first try choose the second one.
  opened.errorBars = { ...errorBars, factor: Math.max(1, (ABOVE * HIGH_ERROR) / bar) };
  const twice = bar > 0 ? answerOnce(opened, true) : once;
  opened.errorBars = { ...errorBars, spreadLimit: SAFE_SPREAD };
  const beyondSpread = bar > 0 && tailLogSpread > SAFE_SPREAD ? answerOnce(opened, true) : twice;
  opened.errorBars = errorBars;
  return {
    ...{ once: shownOf(once), twice: shownOf(twice), beyondSpread: shownOf(beyondSpread) },
    ...{ bar, modelError, logSpread: tailLogSpread, modelShare: modelShare(isExtended) },
    facts: opened.header.facts,
  };
}

const shownOf = ({ best, shown }: DefaultAnswer): DefaultAnswer => ({ best, shown });

function answerOnce(opened: OpenedIndex, triesAgain: boolean) {
  const prediction = predictTop(opened, 1, {
    exact: false,
    proposal: "buckets",
    ...FIRST,
    triesAgain,
    targetError: DEFAULT_TARGET_ERROR,
    seed: 0n,
  });
  const { ids, logPartition, effectiveSampleSize, headShare, choice, standardError, modelError } = prediction;
  const shown = shownFigures(logPartition, effectiveSampleSize, headShare, choice);
  return { best: ids[0] ?? NO_CLASS, shown, standardError, modelError };
}

/** Returns the default answers of an index with this calibration. */
export function defaultsWith(
  tries: readonly DefaultTries[],
  { factor, ...limits }: Pick<CalibrationValues, "factor" | "limit" | "spread" | "spreadLimit">,
): DefaultAnswer[] {
  const numbers = (of: "bar" | "modelError" | "logSpread" | "modelShare") => Float64Array.from(tries, (own) => own[of]);
  const parts = { bars: numbers("bar"), modelErrors: numbers("modelError"), logSpreads: numbers("logSpread") };
  const first = withSpread({ ...parts, modelShares: numbers("modelShare") }, limits.spread);
  return tries.map(({ once, twice, beyondSpread, facts, logSpread: tailLogSpread }, i) => {
    if (tailLogSpread > limits.spreadLimit) return beyondSpread;
    const isWithin = isWithinLimits({ tailLogSpread }, first.modelErrors[i] as number, limits);
    return isWithin && isTrusted(first, i, factor) && !readsAllAtOnce(facts, FIRST, limits) ? once : twice;
  });
}
