// From moments to the numbers an answer reports: + − × ÷ and sqrt, and a logarithm that is given, so that every runtime
// gives the same bits.

/** What a search with tail draws leaves. Masses and means are in units of e^logShift. */
export interface Moments {
  /** Z_H: the head's exact mass. */
  readonly headMass: number;
  /** S_T: the tail's mass under the proposal. */
  readonly tailMass: number;
  /** Mean of x = e^score / Q_tail over the draws: unbiased for the tail's mass. */
  readonly tailMean: number;
  /** Mean of x². */
  readonly tailSquareMean: number;
  readonly logShift: number;
  /** Tail draws taken. */
  readonly drawCount: number;
}

export interface LogPartition {
  /** Estimate of log Z = log Σ e^score; biased low by about its squared standard error / 2. */
  readonly logPartition: number;
  /** Of logPartition; 0 where nothing was sampled, Infinity where it can't be told. Conservative: the draws are stratified. */
  readonly standardError: number;
  /** Independent exact draws that would be worth these; optimistic where the weights have a heavy tail. */
  readonly effectiveSampleSize: number;
  /** The tail's draws are too uneven, or the standard error is above 10 %: do not trust standardError. */
  readonly lowEss: boolean;
}

const LOW_ESS = 10;
const LOW_ESS_SHARE = 0.1;
const HIGH_ERROR = 0.1;

/** Ẑ = Z_H + mean x (docs/method.md, 3 and 4). `draws` are those asked for. */
export function estimateLogPartition(m: Moments, draws: number, log: (x: number) => number): LogPartition {
  const estimate = m.headMass + m.tailMean;
  const logPartition = m.logShift + log(estimate);
  if (!(m.tailMass > 0)) {
    return { logPartition, standardError: 0, effectiveSampleSize: draws, lowEss: false };
  }
  if (m.drawCount === 0) {
    return { logPartition, standardError: Number.POSITIVE_INFINITY, effectiveSampleSize: 0, lowEss: true };
  }
  const squareOfMean = m.tailMean * m.tailMean;
  const variance = (m.tailSquareMean - squareOfMean) / (m.drawCount - 1);
  const standardError = m.drawCount > 1 ? Math.sqrt(Math.max(variance, 0)) / estimate : Number.POSITIVE_INFINITY;
  const effectiveSampleSize =
    (m.drawCount * estimate * estimate) / ((m.headMass + m.tailMass) * (m.headMass + m.tailSquareMean / m.tailMass));
  const tailSize = (m.drawCount * squareOfMean) / m.tailSquareMean;
  const least = Math.max(m.drawCount * LOW_ESS_SHARE, LOW_ESS);
  return {
    logPartition,
    standardError,
    effectiveSampleSize: Math.max(effectiveSampleSize, 0),
    lowEss: !(tailSize >= least) || standardError > HIGH_ERROR,
  };
}
