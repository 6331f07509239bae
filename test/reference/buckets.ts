import { BLOCK_QUADS, BLOCK_SLOTS } from "../../src/abi.ts";
import { at } from "./at.ts";
import { exp64 } from "./exp.ts";
import { log64 } from "./log.ts";
import { codesOf, codewordCountOf, positionsOf, type ReferenceIndex } from "./reference-index.ts";

export interface BucketWeights {
  /** (B): log w_b, w_b = Σ e^bias over the bucket, or its number of classes. */
  readonly bucketLogWeights: Float32Array;
  /** (N), with bias only: where each class's part of its bucket starts, in units of 2^-32 of it. */
  readonly shares: Uint32Array | undefined;
}

const WHOLE = 2 ** 32;

/** Weights and shares in f64, left to right. Each class has one unit; the rest of the 2^32 goes by weight. */
export function weighBuckets(index: ReferenceIndex): BucketWeights {
  const { bias } = index;
  const shares = bias && new Uint32Array(bias.length);
  const bucketLogWeights = Float32Array.from(index.bucketCodes, (_, bucket) => {
    const { first, end, count } = positionsOf(index, bucket);
    if (!bias || !shares) return log64(count);
    const biases = bias.subarray(first, end);
    const top = biases.reduce((highest, value) => Math.max(highest, value));
    const weights = Array.from(biases, (value) => exp64(value - top));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const unitsPerWeight = (WHOLE - count) / total;
    let before = 0;
    for (const [i, weight] of weights.entries()) {
      shares[first + i] = i + Math.floor(before * unitsPerWeight);
      before += weight;
    }
    return top + log64(total);
  });
  return { bucketLogWeights, shares };
}

/**
 * The buckets of a group (one first codeword) in quads of four second codewords 4c … 4c + 3, eight quads a block:
 *
 *   group k1:  | block: 8 quads, each 4 slots, k2 = 4 · column + lane | block | …
 *
 * A quad is there where one of its four buckets is; groups are filled up to whole blocks with empty quads of column 0.
 */
export interface Slots {
  readonly blockCount: number;
  /** (K + 1): the first block of each group, then blockCount. */
  readonly groupBlocks: Int32Array;
  /** (K): the largest log w_b of each group, −∞ where it has no bucket. */
  readonly groupLogWeights: Float32Array;
  /** (blocks · 8): column of each quad. */
  readonly blockColumns: Uint8Array;
  /** (blocks · 32): bucket, or −1. */
  readonly slotBuckets: Int32Array;
  /** (blocks · 32): classes of the bucket, or 0. */
  readonly slotCounts: Int32Array;
  /** (blocks · 32): 1 / slotCounts, or 0. */
  readonly slotRates: Float32Array;
  /** (blocks · 32): w_b over the largest of its group, or 0. */
  readonly slotWeights: Float32Array;
}

export function layOutSlots(index: ReferenceIndex, bucketLogWeights: Float32Array): Slots {
  const codewordCount = codewordCountOf(index);
  const bucketOfCode = new Map(Array.from(index.bucketCodes, (code, bucket) => [code, bucket]));
  const groupBlocks = [0];
  const columns: number[] = [];
  const slotBuckets: number[] = [];
  for (let group = 0; group < codewordCount; group++) {
    for (let column = 0; 4 * column < codewordCount; column++) {
      const quad = [0, 1, 2, 3].map((lane) => {
        const k2 = 4 * column + lane;
        return k2 < codewordCount ? (bucketOfCode.get(group * codewordCount + k2) ?? -1) : -1;
      });
      if (quad.every((bucket) => bucket < 0)) continue;
      columns.push(column);
      slotBuckets.push(...quad);
    }
    while (columns.length % BLOCK_QUADS !== 0) {
      columns.push(0);
      slotBuckets.push(-1, -1, -1, -1);
    }
    groupBlocks.push(columns.length / BLOCK_QUADS);
  }
  const groupLogWeights = new Float32Array(codewordCount).fill(Number.NEGATIVE_INFINITY);
  for (const [bucket, logWeight] of bucketLogWeights.entries()) {
    const { k1 } = codesOf(index, bucket);
    groupLogWeights[k1] = Math.max(at(groupLogWeights, k1), logWeight);
  }
  const slotCounts = Int32Array.from(slotBuckets, (b) => (b < 0 ? 0 : positionsOf(index, b).count));
  return {
    blockCount: slotBuckets.length / BLOCK_SLOTS,
    groupBlocks: Int32Array.from(groupBlocks),
    groupLogWeights,
    blockColumns: Uint8Array.from(columns),
    slotBuckets: Int32Array.from(slotBuckets),
    slotCounts,
    slotRates: Float32Array.from(slotCounts, (count) => (count > 0 ? 1 / Math.fround(count) : 0)),
    slotWeights: Float32Array.from(slotBuckets, (b) =>
      b < 0 ? 0 : exp64(at(bucketLogWeights, b) - at(groupLogWeights, codesOf(index, b).k1)),
    ),
  };
}

/** An index with everything that load derives from it. */
export interface DerivedIndex extends ReferenceIndex, BucketWeights {
  readonly slots: Slots;
}

export function derive(index: ReferenceIndex): DerivedIndex {
  const weights = weighBuckets(index);
  return { ...index, ...weights, slots: layOutSlots(index, weights.bucketLogWeights) };
}
