import type { ErrorBars } from "../memory/error-bars.ts";
import { isTrustworthy, tailDeviation } from "./allowance-bars.ts";
import { dispersionError, HIGH_ERROR, isWithinLimits, LEAST_ERROR, modelError } from "./dispersion-bars.ts";
import type { Functions } from "./functions.ts";
import type { Moments } from "./moments.ts";

// This file turns moments into the numbers of an answer. It uses only + − × ÷, sqrt, and the kernels' exp and log, so
// that every runtime gives the same bits.

/** An estimate of log Z with its error. */
export interface LogPartition {
  /**
   * The estimate of log Z = log Σ e^(score / temperature), −∞ if all classes are filtered out. It is biased low by
   * about half the square of its standard error.
   */
  readonly logPartition: number;
  /**
   * The standard error of logPartition. It combines the variance of the draws with the variance expected from the distances
   * of the rows to their codewords, which draws cannot show, and is multiplied by the factor of the file's calibration
   * (docs/trust.md). 0 if nothing was sampled and rounding leaves less than 0.0005, otherwise at least 0.0005. Infinity with
   * fewer than two draws, and for a query beyond what was calibrated.
   */
  readonly standardError: number;
  /**
   * The standard error expected from the distances of the rows to their codewords, known before drawing and without the
   * factor of the calibration. 0 if nothing was sampled, and on files of format 1.0.
   */
  readonly modelError: number;
  /** The file was calibrated for this rule of error bars, and the query lies within what was calibrated. */
  readonly calibrated: boolean;
  /**
   * The number of independent exact draws that would be worth as much, at most those that were made. It is optimistic
   * where weights have a heavy tail.
   */
  readonly effectiveSampleSize: number;
  /** The share of the estimate that was summed exactly: that of the head. */
  readonly headShare: number;
  /**
   * Do not trust the estimate: the standard error is above 10 %. On files of format 1.0 also if the draws met too few
   * classes of the tail, or their weights are too uneven. False where nothing was sampled, and the error is that of rounding.
   */
  readonly lowEss: boolean;
}

/** Estimates log Z by Ẑ = Z_H + mean x (docs/method.md, 3 and 4). `draws` is the number of draws that the call asks for. */
export function estimateLogPartition(m: Moments, draws: number, bars: ErrorBars, functions: Functions): LogPartition {
  const estimate = m.headMass + m.tailMean;
  const logPartition = m.logShift + functions.log64(estimate);
  const headShare = estimate > 0 ? m.headMass / estimate : 1;
  if (m.tailCount === 0) return { ...certain(logPartition, draws, bars.hasDispersions ? m.rounding : 0), headShare };
  if (m.drawCount === 0) {
    return {
      logPartition,
      standardError: Number.POSITIVE_INFINITY,
      modelError: 0,
      calibrated: false,
      effectiveSampleSize: 0,
      headShare,
      lowEss: true,
    };
  }
  const sampled = { logPartition, effectiveSampleSize: effectiveDraws(m, estimate), headShare };
  if (!bars.hasDispersions) {
    const standardError = tailDeviation(m, m.drawCount, functions) / estimate;
    const lowEss = !isTrustworthy(m) || !(standardError <= HIGH_ERROR);
    return { ...sampled, standardError, modelError: 0, calibrated: false, lowEss };
  }
  const expected = modelError(m, m.drawCount, logPartition, bars.spread, functions);
  const standardError = dispersionError(m, estimate, expected, bars);
  const calibrated = bars.isCalibrated && isWithinLimits(m, expected, bars);
  return { ...sampled, standardError, modelError: expected, calibrated, lowEss: !(standardError <= HIGH_ERROR) };
}

/** Returns the answer where all rows were scored. */
export const certain = (logPartition: number, draws: number, rounding: number): LogPartition => ({
  logPartition,
  standardError: rounding > LEAST_ERROR ? rounding : 0,
  modelError: 0,
  calibrated: true,
  effectiveSampleSize: draws,
  headShare: 1,
  lowEss: false,
});

/** Computes M Ẑ² / (S' (Z_H + mean x² / S_T)). S_T can be 0, and can be much larger or smaller than Z_H. */
function effectiveDraws({ headMass, tailMass, tailSquareMean, drawCount }: Moments, estimate: number): number {
  const head = headMass > 0 ? headMass * (headMass + tailMass) : 0;
  const tail = tailSquareMean > 0 ? tailSquareMean * (1 + headMass / tailMass) : 0;
  return head + tail > 0 ? (drawCount * estimate * estimate) / (head + tail) : 0;
}
