import type { CodewordMasses } from "./codeword-masses.ts";
import { placeTables } from "./codeword-tables.ts";
import type { Heads } from "./heads.ts";
import type { QueryGroup } from "./query-groups.ts";
import type { ResidentBuckets } from "./resident-buckets.ts";
import type { FitTools } from "./resident-classes.ts";
import type { SubScores } from "./sub-scores.ts";

/** ∂KL/∂score = Q − P of the codewords. The slopes of each codebook are f64 (K, width). */
export interface Slopes {
  readonly slopes1Ptr: number;
  readonly slopes2Ptr: number;
}

/** e^(score − maximum) of the codewords, f64 (K, width), as a struct, and the maximum of each column, f32 (width). */
interface Factors {
  readonly tablesPtr: number;
  readonly maxima1Ptr: number;
  readonly maxima2Ptr: number;
}

/** Computes the slopes of the plain proposal. */
export function slopesOf(
  { kernels, arena }: FitTools,
  buckets: ResidentBuckets,
  scores: SubScores,
  group: QueryGroup,
  { masses1, masses2 }: CodewordMasses,
): Slopes {
  const { bits } = buckets;
  const { width } = group;
  const { tablesPtr } = factorsOf(kernels, arena, bits, scores, width);
  const slopes1Ptr = arena.take(8 * (width << bits));
  const slopes2Ptr = arena.take(8 * (width << bits));
  const totalsPtr = arena.take(8 * width);
  kernels.proposalMasses(buckets.address, tablesPtr, placeTables(arena, slopes1Ptr, slopes2Ptr, width), totalsPtr);
  // If all masses underflow f64, there is nothing to learn.
  const shares = arena.f64(totalsPtr, width).map((total) => (total > 0 ? 1 / total : 0));
  for (const [address, masses] of [
    [slopes1Ptr, masses1],
    [slopes2Ptr, masses2],
  ] as const) {
    const slopes = arena.f64(address, width << bits);
    for (let i = 0; i < slopes.length; i++) {
      const share = shares[i % width] as number;
      slopes[i] = share > 0 ? (slopes[i] as number) * share - (masses[i] as number) : 0;
    }
  }
  return { slopes1Ptr, slopes2Ptr };
}

/** Computes the slopes of a proposal with heads. Only the tail has slopes. */
export function slopesBehindHeads(
  { kernels, arena }: FitTools,
  buckets: ResidentBuckets,
  heads: Heads,
  scores: SubScores,
  group: QueryGroup,
  { masses1, masses2 }: CodewordMasses,
): Slopes {
  const { bits, logScale } = buckets;
  const { width, count, logPartitions } = group;
  const length = width << bits;
  const { tablesPtr, maxima1Ptr, maxima2Ptr } = factorsOf(kernels, arena, bits, scores, width);
  const zeros = (): number => {
    const address = arena.take(8 * length);
    arena.f64(address, length).fill(0);
    return address;
  };
  const [slopes1Ptr, slopes2Ptr, head1Ptr, head2Ptr] = [zeros(), zeros(), zeros(), zeros()];
  const slopeTablesPtr = placeTables(arena, slopes1Ptr, slopes2Ptr, width);
  const headTablesPtr = placeTables(arena, head1Ptr, head2Ptr, width);
  /** The share of S′ that one unit of the tail's masses has, per query. */
  const shares = new Float64Array(width);
  for (let q = 0; q < count; q++) {
    const head = heads.choose(scores, group, q, { tablesPtr: headTablesPtr, column: q });
    const tail = kernels.tailMasses(buckets.address, tablesPtr, slopeTablesPtr, q);
    const largest = (arena.f32(maxima1Ptr, width)[q] as number) + (arena.f32(maxima2Ptr, width)[q] as number);
    const scale = kernels.exp64(largest + logScale - (logPartitions[q] as number));
    const total = head + scale * tail;
    shares[q] = total > 0 ? scale / total : 0;
  }
  for (const [address, headPtr, masses] of [
    [slopes1Ptr, head1Ptr, masses1],
    [slopes2Ptr, head2Ptr, masses2],
  ] as const) {
    const slopes = arena.f64(address, length);
    const inHead = arena.f64(headPtr, length);
    for (let i = 0; i < length; i++) {
      // Both sums cover the same classes but are rounded differently, so the difference can be negative.
      const inTail = Math.max(0, (masses[i] as number) - (inHead[i] as number));
      const share = shares[i % width] as number;
      slopes[i] = share > 0 ? (slopes[i] as number) * share - inTail : 0;
    }
  }
  return { slopes1Ptr, slopes2Ptr };
}

function factorsOf(
  kernels: FitTools["kernels"],
  arena: FitTools["arena"],
  bits: number,
  { scores1Ptr, scores2Ptr }: SubScores,
  width: number,
): Factors {
  const factors1Ptr = arena.take(8 * (width << bits));
  const factors2Ptr = arena.take(8 * (width << bits));
  const maxima1Ptr = arena.take(4 * width);
  const maxima2Ptr = arena.take(4 * width);
  kernels.columnFactors(scores1Ptr, 1 << bits, width, factors1Ptr, maxima1Ptr);
  kernels.columnFactors(scores2Ptr, 1 << bits, width, factors2Ptr, maxima2Ptr);
  return { tablesPtr: placeTables(arena, factors1Ptr, factors2Ptr, width), maxima1Ptr, maxima2Ptr };
}
