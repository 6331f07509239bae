import type { Quantizer } from "../quantizer.ts";
import { type Heads, planHeads } from "./heads.ts";
import type { HeldBuckets } from "./held-buckets.ts";
import type { FitTools } from "./held-classes.ts";
import { logitBlocks } from "./logit-blocks.ts";
import type { QueryGroup } from "./query-groups.ts";
import { queryParts, type SubScores, subScores } from "./sub-scores.ts";
import type { Work } from "./work.ts";

/** How the softmax of the queries of a group spreads over the codewords that the classes have: f32 (K, width) each. */
export interface CodewordMasses {
  readonly masses1: Float32Array;
  readonly masses2: Float32Array;
}

/** O(N · dim) a query; it does not depend on the codewords, but on which classes have them. */
export function* codewordMasses(tools: FitTools, buckets: HeldBuckets, group: QueryGroup): Work<CodewordMasses> {
  const { kernels } = tools;
  const { width, queries, logPartitions } = group;
  const arena = tools.arena.nest();
  const length = width << buckets.bits;
  const logPartitionsPtr = arena.take(width * 4);
  const masses1Ptr = arena.take(length * 4);
  const masses2Ptr = arena.take(length * 4);
  arena.f32(logPartitionsPtr, width).set(logPartitions);
  arena.f32(masses1Ptr, length).fill(0);
  arena.f32(masses2Ptr, length).fill(0);
  for (const { first, count, logitsPtr, work } of logitBlocks({ ...tools, arena }, queries, width)) {
    const [codes1Ptr, codes2Ptr] = [buckets.codes1Ptr + first * 2, buckets.codes2Ptr + first * 2];
    kernels.addCodewordMasses(logitsPtr, codes1Ptr, codes2Ptr, count, width, logPartitionsPtr, masses1Ptr, masses2Ptr);
    yield work;
  }
  return { masses1: arena.f32(masses1Ptr, length).slice(), masses2: arena.f32(masses2Ptr, length).slice() };
}

/** Of Σ KL(P‖Q) over the queries of a group: f64 (K, dim1) and (K, dim2). */
export interface Gradients {
  readonly gradient1: Float64Array;
  readonly gradient2: Float64Array;
}

/**
 * ∂KL(P‖Q)/∂C1[k1] = Σ_k2 (Q_b − P_b) z1 over the buckets b of k1, and likewise of C2; the codes stay as they are.
 *
 * With a head of `scan` classes Q is that of queries, e^logit/S′ there and w_b e^(s_b)/S′ in the buckets of the tail, which
 * alone have a score to move. Which buckets are the head goes by the codewords, and counts as given.
 */
export function planGradients(
  tools: FitTools,
  buckets: HeldBuckets,
  scan: number,
): (quantizer: Quantizer, group: QueryGroup, masses: CodewordMasses) => Gradients {
  const planned = { ...tools, arena: tools.arena.nest() };
  const heads = scan > 0 ? planHeads(planned, buckets, scan) : undefined;
  return (quantizer, group, masses) => {
    const own = { ...planned, arena: planned.arena.nest() };
    const { codewordCount, dim1, dim2 } = quantizer;
    const scores = subScores(own, quantizer, group);
    const { slopes1Ptr, slopes2Ptr } = heads
      ? slopesBehindHeads(own, buckets, heads, scores, group, masses)
      : slopesOf(own, buckets, scores, group, masses);
    const [queries1, queries2] = queryParts(quantizer, group);
    return {
      gradient1: gradientOf(own, slopes1Ptr, codewordCount, queries1, group.width, dim1),
      gradient2: gradientOf(own, slopes2Ptr, codewordCount, queries2, group.width, dim2),
    };
  };
}

/** ∂KL/∂score of the codewords, Q − P: f64 (K, width) each. */
interface Slopes {
  readonly slopes1Ptr: number;
  readonly slopes2Ptr: number;
}

/** e^score of the codewords, f64 (K, width), less the largest of each column, f32 (width). */
interface Factors {
  readonly factors1Ptr: number;
  readonly factors2Ptr: number;
  readonly maxima1Ptr: number;
  readonly maxima2Ptr: number;
}

function slopesOf(
  { kernels, arena }: FitTools,
  buckets: HeldBuckets,
  scores: SubScores,
  group: QueryGroup,
  { masses1, masses2 }: CodewordMasses,
): Slopes {
  const { bits, bucketCount, codesPtr, weightsPtr } = buckets;
  const { width } = group;
  const { factors1Ptr, factors2Ptr } = factorsOf(kernels, arena, bits, scores, width);
  const slopes1Ptr = arena.take(8 * (width << bits));
  const slopes2Ptr = arena.take(8 * (width << bits));
  const totalsPtr = arena.take(8 * width);
  kernels.proposalMasses(
    ...([codesPtr, weightsPtr, bucketCount, bits, width, factors1Ptr, factors2Ptr] as const),
    ...([slopes1Ptr, slopes2Ptr, totalsPtr] as const),
  );
  // Where all masses are too small for an f64, there is nothing to learn from.
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

function slopesBehindHeads(
  { kernels, arena }: FitTools,
  buckets: HeldBuckets,
  heads: Heads,
  scores: SubScores,
  group: QueryGroup,
  { masses1, masses2 }: CodewordMasses,
): Slopes {
  const { bits, bucketCount, codesPtr, weightsPtr, logScale } = buckets;
  const { width, count, logPartitions } = group;
  const length = width << bits;
  const { factors1Ptr, factors2Ptr, maxima1Ptr, maxima2Ptr } = factorsOf(kernels, arena, bits, scores, width);
  const zeros = (): number => {
    const address = arena.take(8 * length);
    arena.f64(address, length).fill(0);
    return address;
  };
  const [slopes1Ptr, slopes2Ptr, head1Ptr, head2Ptr] = [zeros(), zeros(), zeros(), zeros()];
  /** Of a unit of the tail's masses, over S′. */
  const shares = new Float64Array(width);
  for (let q = 0; q < count; q++) {
    const own = { masses1Ptr: head1Ptr + q * 8, masses2Ptr: head2Ptr + q * 8, stride: width };
    const head = heads.choose(scores, group, q, own);
    const tail = kernels.tailMasses(
      ...([codesPtr, weightsPtr, heads.flagsPtr, bucketCount, bits, factors1Ptr + q * 8, factors2Ptr + q * 8] as const),
      ...([width, slopes1Ptr + q * 8, slopes2Ptr + q * 8] as const),
    );
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
      // Both are sums of the same classes, by other roundings.
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
  return { factors1Ptr, factors2Ptr, maxima1Ptr, maxima2Ptr };
}

function gradientOf(
  { kernels, arena }: FitTools,
  slopesPtr: number,
  codewordCount: number,
  queries: Float32Array,
  width: number,
  dim: number,
): Float64Array {
  const queriesPtr = arena.take(queries.byteLength);
  const sumsPtr = arena.take(codewordCount * dim * 8);
  arena.f32(queriesPtr, queries.length).set(queries);
  kernels.weightedQueries(slopesPtr, queriesPtr, codewordCount, width, dim, sumsPtr);
  return arena.f64(sumsPtr, codewordCount * dim).slice();
}
