import { tailDeviation } from "../answers/allowance-bars.ts";
import type { Estimated } from "../answers/answers.ts";
import { HIGH_ERROR, modelShare } from "../answers/dispersion-bars.ts";
import { momentsOf } from "../answers/estimate.ts";
import type { OpenedIndex } from "../memory/opened-index.ts";
import type { EstimateTerms } from "./partial-answer.ts";

/** Returns the terms of the estimate of log Z that a call has just made. */
export function termsOf(opened: OpenedIndex, answer: Estimated): EstimateTerms {
  const isCertain = answer.calibrated && answer.modelError === 0 && answer.headShare === 1;
  return isCertain ? certainTerms(answer) : sampledTerms(opened, answer);
}

/** The terms of an answer without sampling. */
function certainTerms({ logPartition, standardError, effectiveSampleSize }: Estimated): EstimateTerms {
  const mass = logPartition === Number.NEGATIVE_INFINITY ? 0 : 1;
  return {
    logUnit: logPartition,
    mass,
    head: mass,
    proposal: mass,
    squares: mass,
    variance: mass * standardError * standardError,
    modelVariance: 0,
    draws: effectiveSampleSize,
    limit: Number.POSITIVE_INFINITY,
    isSampled: false,
    isCalibrated: true,
    isDoubtful: false,
  };
}

/** The terms of moments, which add, while the numbers of an answer do not (docs/method.md, 4). */
function sampledTerms(opened: OpenedIndex, { modelError, standardError, lowEss }: Estimated): EstimateTerms {
  const { errorBars } = opened;
  const m = momentsOf(opened);
  const mass = m.headMass + m.tailMean;
  const expected = modelError * mass;
  const rounding = m.rounding * mass;
  const seen = Math.max(m.tailSquareMean - m.tailMean * m.tailMean, 0) / (m.drawCount - 1);
  const model = modelShare(m.isExtended) * expected * expected;
  const byDispersions = errorBars.factor * errorBars.factor * (seen + model + rounding * rounding);
  const byDraws = tailDeviation(m, m.drawCount, opened.kernels) ** 2;
  const variance = errorBars.hasDispersions ? byDispersions : byDraws;
  const isWithinSpread = m.tailLogSpread <= errorBars.spreadLimit;
  return {
    logUnit: m.logShift,
    mass,
    head: m.headMass,
    proposal: m.headMass + m.tailMass,
    squares: m.headMass + (m.tailSquareMean > 0 ? m.tailSquareMean / m.tailMass : 0),
    variance: m.drawCount >= 2 && isWithinSpread ? variance : Number.POSITIVE_INFINITY,
    modelVariance: expected * expected,
    draws: m.drawCount,
    limit: errorBars.hasDispersions ? errorBars.limit : Number.POSITIVE_INFINITY,
    isSampled: true,
    isCalibrated: errorBars.hasDispersions && errorBars.isCalibrated && isWithinSpread,
    isDoubtful: lowEss && standardError <= HIGH_ERROR,
  };
}
