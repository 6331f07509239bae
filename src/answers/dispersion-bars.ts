import type { ErrorBars } from "../memory/error-bars.ts";
import type { Functions } from "./functions.ts";
import type { Moments } from "./moments.ts";

// The rule of error bars for files with dispersions (docs/method.md, 4). The draws cannot show the weights that they did not
// meet, but the dispersions of the buckets say how far residual logits reach. So the variance expected from the dispersions
// is added to that of the draws.

/** An answer with a larger standard error is not to be trusted. */
export const HIGH_ERROR = 0.1;
/** The least standard error of a sampled answer: below it, the rounding to f32 is of the same size. */
export const LEAST_ERROR = 0.0005;

/**
 * The part of the model's variance that counts. The draws show most of it as well, so counting all of it makes bars too wide:
 * on heads of 10,000 to 100,000 classes, built plainly, ± 1.96 bars cover 99 to 99.5 % of the answers with all, 98 to 99 %
 * with half and 97 to 98 % with a quarter.
 */
const MODEL_SHARE = 0.5;
/**
 * The same part for heads with the best classes by fine codes, which are most of what draws miss: on five heads of 10,000 to
 * 100,000 classes, intervals cover 97.9 to 98.5 % with it, and 98.8 to 99.4 % with a half.
 */
const MODEL_SHARE_EXTENDED = 0.25;

/** Returns the part of the model's variance that counts. */
export const modelShare = (isExtended: boolean): number => (isExtended ? MODEL_SHARE_EXTENDED : MODEL_SHARE);

/** Just below the logarithm of the largest f64, so that its exponential is finite. */
const LARGEST_LOG = 709;

/**
 * Returns the standard error of log Ẑ that the dispersions predict for `draws` draws. `logReference` is the logarithm of the
 * Z that it is relative to, and `spread` that of the file's calibration.
 */
export function modelError(
  { logTail, tailLogSpread }: Pick<Moments, "logTail" | "tailLogSpread">,
  draws: number,
  logReference: number,
  spread: number,
  { exp64 }: Pick<Functions, "exp64">,
): number {
  const logSquare = 2 * (logTail - logReference);
  const logMoment = logSquare + spread * tailLogSpread;
  if (logMoment > LARGEST_LOG) return Number.POSITIVE_INFINITY;
  return Math.sqrt(Math.max(exp64(logMoment) - exp64(logSquare), 0) / draws);
}

/** Returns true if the calibration holds for a tail with this error by the model, and with this spread. */
export const isWithinLimits = (
  { tailLogSpread }: Pick<Moments, "tailLogSpread">,
  expected: number,
  { limit, spreadLimit }: Pick<ErrorBars, "limit" | "spreadLimit">,
): boolean => expected <= limit && tailLogSpread <= spreadLimit;

/**
 * Returns the standard error of log Ẑ. Infinity if there are fewer than two draws, or if the tail is beyond what was
 * calibrated.
 */
export function dispersionError(m: Moments, estimate: number, expected: number, bars: ErrorBars): number {
  if (m.drawCount < 2 || !isWithinLimits(m, expected, bars)) return Number.POSITIVE_INFINITY;
  const seen = Math.max(m.tailSquareMean - m.tailMean * m.tailMean, 0) / (m.drawCount - 1);
  const share = modelShare(m.isExtended);
  const variance = seen / (estimate * estimate) + share * expected * expected + m.rounding * m.rounding;
  return Math.max(bars.factor * Math.sqrt(variance), LEAST_ERROR);
}
