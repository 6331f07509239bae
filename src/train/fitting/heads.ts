import type { HeldBuckets } from "./held-buckets.ts";
import type { FitTools } from "./held-classes.ts";
import type { QueryGroup } from "./query-groups.ts";
import type { SubScores } from "./sub-scores.ts";

/** Values of chooseHead's tally. */
const TALLY = 2 ** 11;

/** Heads of up to `scan` classes, chosen as queries choose them (assembly/head.ts), one query after another. */
export interface Heads {
  /** u8 (bucketCount): 1 in the head of the query that was last chosen for. */
  readonly flagsPtr: number;
  /** For query number `query` of the group; adds what the softmax has in its head to masses and returns the sum. */
  choose(scores: SubScores, group: QueryGroup, query: number, masses: CodewordTables): number;
}

/** f64 (K, stride) each, of which the first column counts. */
export interface CodewordTables {
  readonly masses1Ptr: number;
  readonly masses2Ptr: number;
  readonly stride: number;
}

export function planHeads({ kernels, arena, classes }: FitTools, buckets: HeldBuckets, scan: number): Heads {
  const { bits, bucketCount, codesPtr, countsPtr, logDensitiesPtr, offsetsPtr, idsPtr } = buckets;
  const { dim, rowsPtr, biasesPtr } = classes;
  const flagsPtr = arena.take(bucketCount);
  const keysPtr = arena.take(bucketCount * 4);
  const tallyPtr = arena.take(TALLY * 4);
  const queryPtr = arena.take(dim * 4);
  return {
    flagsPtr,
    choose({ scores1Ptr, scores2Ptr }, { queries, width, logPartitions }, query, { masses1Ptr, masses2Ptr, stride }) {
      const [first, second] = [scores1Ptr + query * 4, scores2Ptr + query * 4];
      kernels.densityKeys(codesPtr, logDensitiesPtr, bucketCount, bits, first, second, width, keysPtr);
      kernels.chooseHead(keysPtr, countsPtr, bucketCount, scan, tallyPtr, flagsPtr);
      arena.f32(queryPtr, dim).set(queries.subarray(query * dim, (query + 1) * dim));
      const logPartition = logPartitions[query] as number;
      return kernels.headMasses(
        ...([codesPtr, flagsPtr, offsetsPtr, idsPtr, bucketCount, bits, rowsPtr, biasesPtr, dim, queryPtr] as const),
        ...([logPartition, stride, masses1Ptr, masses2Ptr] as const),
      );
    },
  };
}
