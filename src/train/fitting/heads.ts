import { LISTS_FLAGS } from "../../../build/structs.ts";
import type { QueryGroup } from "./query-groups.ts";
import type { ResidentBuckets } from "./resident-buckets.ts";
import type { FitTools } from "./resident-classes.ts";
import type { SubScores } from "./sub-scores.ts";

/** Length of the histogram that `chooseHead` keeps. */
const TALLY = 2 ** 11;

/** Chooses heads of up to `scan` classes as a query does (assembly/head.ts), one query after another. */
export interface Heads {
  /** u8 (bucketCount): 1 for the buckets of the head that was chosen last. */
  readonly flagsPtr: number;
  /**
   * Chooses the head of query number `query` of the group. Adds the softmax mass of its classes to a column of masses and
   * returns the sum.
   */
  choose(scores: SubScores, group: QueryGroup, query: number, masses: MassColumn): number;
}

/** The column of a query in a pair of tables of masses, f64 (K, width) each (codeword-tables.ts). */
export interface MassColumn {
  readonly tablesPtr: number;
  readonly column: number;
}

/** Plans heads of `scan` classes of buckets, 0 for none, and of all outliers. */
export function planHeads({ kernels, arena, classes }: FitTools, buckets: ResidentBuckets, scan: number): Heads {
  const { bucketCount, countsPtr, hasOutliers } = buckets;
  const { dim } = classes;
  const flagsPtr = arena.take(bucketCount);
  const keysPtr = arena.take(bucketCount * 4);
  const tallyPtr = arena.take(TALLY * 4);
  const queryPtr = arena.take(dim * 4);
  arena.set(buckets.address, { [LISTS_FLAGS]: flagsPtr });
  return {
    flagsPtr,
    choose(scores, { queries, logPartitions }, query, { tablesPtr, column }) {
      const flags = arena.u8(flagsPtr, bucketCount).fill(0);
      if (scan > 0) {
        kernels.densityKeys(buckets.address, scores.tablesPtr, query, keysPtr);
        kernels.chooseHead(keysPtr, countsPtr, bucketCount, scan, tallyPtr, flagsPtr);
      }
      if (hasOutliers) flags[bucketCount - 1] = 1;
      arena.f32(queryPtr, dim).set(queries.subarray(query * dim, (query + 1) * dim));
      const logPartition = logPartitions[query] as number;
      return kernels.headMasses(classes.address, buckets.address, queryPtr, logPartition, tablesPtr, column);
    },
  };
}
