import * as structs from "../../../build/structs.ts";
import type { Codes } from "../codes/encode.ts";
import { type InvertedLists, invertLists } from "../codes/inverted-lists.ts";
import type { Arena } from "../runtime/arena.ts";
import type { TrainKernels } from "../runtime/kernels.ts";
import type { ResidentClasses } from "./resident-classes.ts";

/** The classes, sorted by bucket under their codes, in the memory of the train instance. */
export interface ResidentBuckets {
  /** The address of the Lists struct (assembly/train/fitting/structs.ts). */
  readonly address: number;
  readonly bits: number;
  readonly bucketCount: number;
  /** True if the last of the buckets stands for the outliers, which are in every head. */
  readonly hasOutliers: boolean;
  /** k1·2^bits + k2, ascending. */
  readonly codes: Int32Array;
  /** The number of classes of each bucket by which heads are filled, i32 (bucketCount). Outliers count as none. */
  readonly countsPtr: number;
  /** log w_b, where w_b = Σ e^bias. */
  readonly logWeights: Float64Array;
  /** The logarithms of the tilts of the query in place. Zeros without tilts. */
  readonly logTilts: Float64Array;
  /** The largest of `logWeights`. */
  readonly logScale: number;
  /** f32 (bucketCount): log w_b − log n_b, and the logarithm of the tilt. */
  readonly logDensitiesPtr: number;
}

export function placeBuckets(
  kernels: TrainKernels,
  arena: Arena,
  { itemCount, biases }: ResidentClasses,
  codewordCount: number,
  { codes1, codes2 }: Codes,
  lists: InvertedLists = invertLists({ codes1, codes2 }, codewordCount),
): ResidentBuckets {
  const { ids } = lists;
  const hasOutliers = (lists.offsets.at(-1) as number) < itemCount;
  const codes = hasOutliers ? withLast(lists.codes, 0) : lists.codes;
  const offsets = hasOutliers ? withLast(lists.offsets, itemCount) : lists.offsets;
  const bucketCount = codes.length;
  const buckets = Array.from(codes, (_, b) => ids.subarray(offsets[b], offsets[b + 1]));
  const isBucket = (b: number): boolean => b < lists.codes.length;
  const logWeights = Float64Array.from(buckets, (bucket, b) =>
    isBucket(b) ? logWeightOf(kernels, biases, bucket) : Number.NEGATIVE_INFINITY,
  );
  const logScale = logWeights.reduce((top, value) => Math.max(top, value), Number.NEGATIVE_INFINITY);
  const bucketOf = new Int32Array(itemCount);
  for (const [b, bucket] of buckets.entries()) for (const id of bucket) bucketOf[id] = b;

  const put = (values: Int32Array): number => {
    const address = arena.take(values.byteLength);
    arena.i32(address, values.length).set(values);
    return address;
  };
  const putCodes = (values: Uint16Array): number => {
    const address = arena.take(values.byteLength);
    arena.u16(address, values.length).set(values);
    return address;
  };
  const weightsPtr = arena.take(bucketCount * 8);
  const logDensitiesPtr = arena.take(bucketCount * 4);
  const weights = arena.f64(weightsPtr, bucketCount);
  const logDensities = arena.f32(logDensitiesPtr, bucketCount);
  for (const [b, logWeight] of logWeights.entries()) {
    weights[b] = kernels.exp64(logWeight - logScale);
    logDensities[b] = logWeight - kernels.log64((buckets[b] as Int32Array).length);
  }
  const bits = 31 - Math.clz32(codewordCount);
  const countsPtr = put(Int32Array.from(buckets, ({ length }, b) => (isBucket(b) ? length : 0)));
  const address = arena.struct(structs.LISTS_BYTES, {
    [structs.LISTS_BUCKET_COUNT]: bucketCount,
    [structs.LISTS_BITS]: bits,
    [structs.LISTS_CODES]: put(codes),
    [structs.LISTS_OFFSETS]: put(offsets),
    [structs.LISTS_IDS]: put(ids),
    [structs.LISTS_WEIGHTS]: weightsPtr,
    [structs.LISTS_LOG_DENSITIES]: logDensitiesPtr,
    [structs.LISTS_BUCKET_OF]: put(bucketOf),
    [structs.LISTS_CODES_1]: putCodes(codes1),
    [structs.LISTS_CODES_2]: putCodes(codes2),
  });
  return {
    address,
    bits,
    bucketCount,
    hasOutliers,
    logTilts: new Float64Array(bucketCount),
    codes,
    countsPtr,
    logWeights,
    logScale,
    logDensitiesPtr,
  };
}

/** Returns the numbers and one more. They may be more than a call takes as arguments. */
function withLast(numbers: Int32Array, last: number): Int32Array {
  const more = new Int32Array(numbers.length + 1);
  more.set(numbers);
  more[numbers.length] = last;
  return more;
}

/** Computes log Σ e^bias over classes. */
function logWeightOf({ exp64, log64 }: TrainKernels, biases: Float32Array, ids: Int32Array): number {
  let top = Number.NEGATIVE_INFINITY;
  for (const id of ids) top = Math.max(top, biases[id] as number);
  let sum = 0;
  for (const id of ids) sum += exp64((biases[id] as number) - top);
  return top + log64(sum);
}
