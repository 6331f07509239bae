import * as structs from "../build/structs.ts";
import type { OpenedTiny } from "./opened.ts";
import { prepare, scoresOf } from "./opened-exact.ts";
import { bucketAt } from "./reference/reference-index.ts";

/**
 * Computes the envelope of a query, or its proposal, with a head under `scan`. Returns, by class, the log mass of its
 * clock: logit / T in the head and under the envelope, its log mass under the proposal, −∞ for excluded classes.
 */
export function startClocks(opened: OpenedTiny, query: Float32Array, scan: number, isExact: boolean): Float64Array {
  const { index, kernels, layout } = opened;
  prepare(opened, query);
  const scores = scoresOf(opened);
  if (isExact) {
    kernels.envelope(layout, scan);
  } else {
    opened.ask(query);
    kernels.propose(layout, scan, 0);
  }
  const head = opened.read(Int32Array, "headBuckets", opened.search(structs.SEARCH_HEAD_BUCKET_COUNT));
  const logMasses = new Float64Array(scores.length).fill(Number.NEGATIVE_INFINITY);
  for (const [position, score] of scores.entries()) {
    const bucket = bucketAt(index, position);
    if (index.excluded.has(position)) continue;
    logMasses[index.ids[position] as number] =
      isExact || head.includes(bucket) ? score * index.inverseTemperature : kernels.logMassAt(layout, bucket, position);
  }
  return logMasses;
}

export interface KeyedClasses {
  /** (keyCount): the largest key first. */
  readonly ids: Int32Array;
  readonly keys: Float64Array;
}

export interface Sampling {
  readonly keyCount: number;
  readonly isExact: boolean;
  /**
   * The number of arrivals after which the tail's stream is cut. The remaining clocks are then computed from there on.
   */
  readonly arrivals: number;
}

/** Returns a function that takes samples by seed from the masses in place. It returns the same arrays in every call. */
export function keyedSampler(
  opened: OpenedTiny,
  { keyCount, isExact, arrivals }: Sampling,
): (seed: bigint) => KeyedClasses {
  const { kernels, layout, index } = opened;
  const ids = new Int32Array(kernels.memory.buffer, opened.address("topIds"), keyCount);
  const keys = new Float64Array(kernels.memory.buffer, opened.address("keys"), keyCount);
  return (seed) => {
    kernels.clockHead(layout, keyCount, seed);
    const logTime = kernels.clockTail(layout, isExact, arrivals);
    if (logTime < Number.POSITIVE_INFINITY) {
      kernels.clockRange(layout, 0, index.facts.itemCount);
    }
    kernels.sortKeys(layout);
    return { ids, keys };
  };
}
