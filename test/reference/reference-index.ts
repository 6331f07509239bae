import type { IndexFacts } from "../../src/format/facts.ts";
import type { LabelTable } from "../../src/memory/labels.ts";
import { at } from "./at.ts";

/**
 * An index file as plain arrays, without padding: the counterpart of the kernels' Layout. There are N classes in bucket
 * order (the place of a class in it is its position), D values, K codewords, and B non-empty buckets.
 */
export interface ReferenceIndex {
  readonly facts: IndexFacts;
  /** (K, D1) */
  readonly codebook1: Float32Array;
  /** (K, D2) */
  readonly codebook2: Float32Array;
  /** (B): k1·K + k2, ascending. */
  readonly bucketCodes: Int32Array;
  /** (B + 1): the first position of each bucket, then that of the first outlier, or N. */
  readonly bucketOffsets: Int32Array;
  /** (N): the class at each position. */
  readonly ids: Int32Array;
  /** (N, D): the stored values as numbers; for int8 rows the integers before scaling. */
  readonly rows: Float32Array;
  /** (N), int8 rows only. */
  readonly rowScales: Float32Array | undefined;
  /** (N) by position. */
  readonly bias: Float32Array | undefined;
  /** (⌈D / 2⌉, 2, 16): for each sub-quantizer the first values of its codewords, then the second values. */
  readonly fineCodebooks: Float32Array | undefined;
  /** (N, ⌈D / 2⌉) by position. */
  readonly fineCodes: Uint8Array | undefined;
  /** (B): the mean squared residual of each bucket. */
  readonly dispersions: Float32Array | undefined;
  /** (DISPERSION_DIRECTIONS, D): the directions in which residuals vary more. */
  readonly directions: Float32Array;
  /** The mean squared error of the fine codes and the mean squared norm of the rows. */
  readonly means: Float32Array;
  readonly labels: LabelTable | undefined;
  /** The tensors of a table of features by name, as they lie in the file. */
  readonly features: Readonly<Record<string, Uint8Array>>;
}

/** K. */
export const codewordCountOf = (index: ReferenceIndex): number => 2 ** index.facts.bits;

/** The position of the first outlier: the number of classes that lie in buckets. */
export const firstOutlierOf = ({ facts }: ReferenceIndex): number => facts.itemCount - (facts.outliers?.count ?? 0);

/** The codewords of a bucket. */
export function codesOf(index: ReferenceIndex, bucket: number): { k1: number; k2: number } {
  const code = at(index.bucketCodes, bucket);
  const k2 = code % codewordCountOf(index);
  return { k1: (code - k2) / codewordCountOf(index), k2 };
}

/** The positions of a bucket, from `first` up to but not including `end`. */
export function positionsOf(index: ReferenceIndex, bucket: number): { first: number; end: number; count: number } {
  const first = at(index.bucketOffsets, bucket);
  const end = at(index.bucketOffsets, bucket + 1);
  return { first, end, count: end - first };
}

/** The bucket that holds a position. Found by bisection, because suites ask for it thousands of times. */
export function bucketAt({ bucketOffsets, facts }: ReferenceIndex, position: number): number {
  let [first, end] = [0, facts.bucketCount];
  while (end - first > 1) {
    const middle = (first + end) >> 1;
    if (at(bucketOffsets, middle) <= position) first = middle;
    else end = middle;
  }
  return first;
}
