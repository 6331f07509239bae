/** The moments that a search with tail draws leaves. Masses and means are in units of e^logShift. */
export interface Moments {
  /** Z_H, the exact mass of the head. */
  readonly headMass: number;
  /** S_T, the mass of the tail under the proposal. */
  readonly tailMass: number;
  /** The mean of x = e^score / Q_tail over the draws; unbiased for the mass of the tail. */
  readonly tailMean: number;
  /** The mean of x². */
  readonly tailSquareMean: number;
  /** The largest x. */
  readonly tailLargest: number;
  /** The sample variance of log x. 0 with dispersions, whose bars do not need it. */
  readonly tailLogVariance: number;
  /** log S_T, −∞ without a tail. It tells masses for which tailMass is too small. */
  readonly logTail: number;
  /**
   * The logarithm of the mean of x² over the squared mean of x, as expected from the dispersions of the buckets. 0 in an
   * index without dispersions.
   */
  readonly tailLogSpread: number;
  /** The best classes by fine codes are in the head, with buckets in the tail (extendHead). */
  readonly isExtended: boolean;
  /** The standard error of log Z expected from the rounding of the query and of scores. */
  readonly rounding: number;
  readonly logShift: number;
  /** The number of tail draws. */
  readonly drawCount: number;
  /** The number of distinct classes among the draws, or an upper bound of it. 0 with dispersions, whose bars do not need it. */
  readonly distinctCount: number;
  /** The number of classes in the tail. */
  readonly tailCount: number;
}
