import type { Codes } from "../codes/encode.ts";
import { invertLists } from "../codes/inverted-lists.ts";
import type { Arena } from "../runtime/arena.ts";
import type { TrainKernels } from "../runtime/kernels.ts";
import type { HeldClasses } from "./held-classes.ts";

/** The classes by bucket under their codes, in the memory of the train instance. */
export interface HeldBuckets {
  readonly bits: number;
  readonly bucketCount: number;
  /** k1·2^bits + k2, ascending; codesPtr: the same, i32 (bucketCount). */
  readonly codes: Int32Array;
  readonly codesPtr: number;
  /** Where each begins in ids, i32 (bucketCount + 1), and the classes by bucket, i32 (itemCount). */
  readonly offsetsPtr: number;
  readonly idsPtr: number;
  /** Classes of each, i32 (bucketCount). */
  readonly countsPtr: number;
  /** log w_b, w_b = Σ e^bias. */
  readonly logWeights: Float64Array;
  /** f64 (bucketCount): w_b over the largest of them, whose log is `logScale`. */
  readonly weightsPtr: number;
  readonly logScale: number;
  /** f32 (bucketCount): log w_b − log n_b. */
  readonly logDensitiesPtr: number;
  /** Of each class: its bucket, i32, and its codes, u16 (itemCount). */
  readonly bucketOfPtr: number;
  readonly codes1Ptr: number;
  readonly codes2Ptr: number;
}

export function holdBuckets(
  kernels: TrainKernels,
  arena: Arena,
  { itemCount, biases }: HeldClasses,
  codewordCount: number,
  { codes1, codes2 }: Codes,
): HeldBuckets {
  const { codes, offsets, ids } = invertLists({ codes1, codes2 }, codewordCount);
  const bucketCount = codes.length;
  const buckets = Array.from(codes, (_, b) => ids.subarray(offsets[b], offsets[b + 1]));
  const logWeights = Float64Array.from(buckets, (bucket) => logWeightOf(kernels, biases, bucket));
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
  return {
    bits: 31 - Math.clz32(codewordCount),
    bucketCount,
    codes,
    codesPtr: put(codes),
    offsetsPtr: put(offsets),
    idsPtr: put(ids),
    countsPtr: put(Int32Array.from(buckets, ({ length }) => length)),
    ...{ logWeights, weightsPtr, logScale, logDensitiesPtr },
    bucketOfPtr: put(bucketOf),
    codes1Ptr: putCodes(codes1),
    codes2Ptr: putCodes(codes2),
  };
}

/** log Σ e^bias over classes. */
function logWeightOf({ exp64, log64 }: TrainKernels, biases: Float32Array, ids: Int32Array): number {
  let top = Number.NEGATIVE_INFINITY;
  for (const id of ids) top = Math.max(top, biases[id] as number);
  let sum = 0;
  for (const id of ids) sum += exp64((biases[id] as number) - top);
  return top + log64(sum);
}
