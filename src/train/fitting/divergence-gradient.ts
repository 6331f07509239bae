import type { Quantizer } from "../kmeans/quantizer.ts";
import type { CodewordMasses } from "./codeword-masses.ts";
import { planHeads } from "./heads.ts";
import type { QueryGroup } from "./query-groups.ts";
import type { ResidentBuckets } from "./resident-buckets.ts";
import type { FitTools } from "./resident-classes.ts";
import { slopesBehindHeads, slopesOf } from "./score-slopes.ts";
import { queryParts, subScores } from "./sub-scores.ts";

/** The gradients of Σ KL(P‖Q) over the queries of a group: f64 (K, dim1) and (K, dim2). */
export interface Gradients {
  readonly gradient1: Float64Array;
  readonly gradient2: Float64Array;
}

/**
 * ∂KL(P‖Q)/∂C1[k1] = Σ_k2 (Q_b − P_b) z1 over the buckets b of k1, and likewise for C2. The codes stay as they are.
 *
 * With a head of `scan` classes Q is e^logit/S′ in the head and w_b e^(s_b)/S′ in the buckets of the tail, so only scores
 * of the tail have a gradient. The codewords determine which buckets form the head, but the choice is treated as constant.
 */
export function planGradients(
  tools: FitTools,
  buckets: ResidentBuckets,
  scan: number,
): (quantizer: Quantizer, group: QueryGroup, masses: CodewordMasses) => Gradients {
  const planned = { ...tools, arena: tools.arena.nest() };
  const heads = scan > 0 ? planHeads(planned, buckets, scan) : undefined;
  return (quantizer, group, masses) => {
    const nested = { ...planned, arena: planned.arena.nest() };
    const { codewordCount, dim1, dim2 } = quantizer;
    const scores = subScores(nested, quantizer, group);
    const { slopes1Ptr, slopes2Ptr } = heads
      ? slopesBehindHeads(nested, buckets, heads, scores, group, masses)
      : slopesOf(nested, buckets, scores, group, masses);
    const [queries1, queries2] = queryParts(quantizer, group);
    return {
      gradient1: gradientOf(nested, slopes1Ptr, codewordCount, queries1, group.width, dim1),
      gradient2: gradientOf(nested, slopes2Ptr, codewordCount, queries2, group.width, dim2),
    };
  };
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
