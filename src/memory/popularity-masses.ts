/** Masses of blocks of classes by a power of their popularity. The largest class of a block has the weight 1 in it. */
export interface PopularityMasses {
  readonly power: number;
  /** The largest bias of each block; −∞ for a block without classes. */
  readonly tops: Float32Array;
  /** The sum of the weights of each block. */
  readonly sums: Float64Array;
  /** The mass before each block and, last, the total. The largest block has mass 1. */
  readonly massBefore: Float64Array;
  /** The logarithm of Σ e^(power · bias). */
  readonly logTotal: number;
}
