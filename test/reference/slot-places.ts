/**
 * The buckets of a group, which is all buckets of one first codeword, in quads of four second codewords 4c … 4c + 3,
 * with eight quads to a block:
 *
 *   group k1:  | block: 8 quads, each 4 slots, k2 = 4 · column + lane | block | …
 *
 * A quad exists if one of its four buckets does. Groups are filled up to whole blocks with empty quads of column 0.
 */
export interface SlotPlaces {
  readonly blockCount: number;
  /** (K + 1): the first block of each group, then blockCount. */
  readonly groupBlocks: Int32Array;
  /** (blocks · 8): the column of each quad. */
  readonly blockColumns: Uint8Array;
  /** (blocks · 32): the bucket that a slot is for, or −1. */
  readonly slotPlaces: Int32Array;
  /** (B): the slot of each bucket. */
  readonly bucketSlots: Int32Array;
  /** (blocks · 32): the dispersion of the bucket, 0 without one. */
  readonly slotDispersions: Float32Array;
  /** The largest of each block. */
  readonly blockDispersions: Float32Array;
  readonly largestDispersion: number;
  /** √(2 log N): hardly any residual logit is more standard deviations above its bucket's. */
  readonly residualReach: number;
  /** The variance of residuals orthogonal to all directions, over their mean variance. */
  readonly evenShare: number;
}
