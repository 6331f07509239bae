import { mean, quantile } from "../averages.ts";
import type { Codes } from "../encode.ts";
import type { Quantizer } from "../quantizer.ts";
import type { ProposalDistance } from "./fit-options.ts";
import { type Heads, planHeads } from "./heads.ts";
import { type HeldBuckets, holdBuckets } from "./held-buckets.ts";
import type { FitTools } from "./held-classes.ts";
import { logitBlocks } from "./logit-blocks.ts";
import type { QueryGroup } from "./query-groups.ts";
import { type SubScores, subScores } from "./sub-scores.ts";
import type { Work } from "./work.ts";

/** How far the proposal is from the softmax, a value for each query. */
export interface Judgement {
  /** KL(P‖Q), nats. */
  readonly kl: Float64Array;
  /** χ²(P‖Q). */
  readonly chiSquare: Float64Array;
  /** log S′ − log Z: what the proposal's own total is off by, without any draw. */
  readonly logTotalError: Float64Array;
}

/**
 * Compares the proposal of codebooks and codes with the softmax over all classes; `scan` classes of the best buckets are
 * scored exactly, as in queries, 0 for the plain proposal. O(N · dim) a query.
 */
export function* judge(
  tools: FitTools,
  groups: readonly QueryGroup[],
  quantizer: Quantizer,
  codes: Codes,
  scan: number,
): Work<Judgement> {
  const { kernels, classes } = tools;
  const arena = tools.arena.nest();
  const buckets = holdBuckets(kernels, arena, classes, quantizer.codewordCount, codes);
  const heads = scan > 0 ? planHeads({ ...tools, arena }, buckets, scan) : undefined;
  const queryCount = groups.reduce((sum, { count }) => sum + count, 0);
  const kl = new Float64Array(queryCount);
  const chiSquare = new Float64Array(queryCount);
  const logTotalError = new Float64Array(queryCount);
  let done = 0;
  for (const group of groups) {
    const { queries, width, count, logPartitions } = group;
    const own = { ...tools, arena: arena.nest() };
    const scores = subScores(own, quantizer, group);
    const proposals = Array.from({ length: count }, (_, q) => proposalOf(own, buckets, heads, scores, group, q));
    const sumsPtr = own.arena.take(count * 16);
    own.arena.f64(sumsPtr, count * 2).fill(0);
    for (const { first, count: rowCount, logitsPtr, work } of logitBlocks(own, queries, width)) {
      const biasesPtr = classes.biasesPtr + first * 4;
      const bucketOfPtr = buckets.bucketOfPtr + first * 4;
      for (const [q, { logMassesPtr, logTotal }] of proposals.entries()) {
        kernels.addDivergence(
          ...([logitsPtr + q * 4, biasesPtr, bucketOfPtr, rowCount, width, logMassesPtr] as const),
          ...([logPartitions[q] as number, logTotal, sumsPtr + q * 16] as const),
        );
      }
      yield work;
    }
    const sums = own.arena.f64(sumsPtr, count * 2);
    for (const [q, { logTotal }] of proposals.entries()) {
      kl[done] = sums[2 * q] as number;
      chiSquare[done] = (sums[2 * q + 1] as number) - 1;
      logTotalError[done] = logTotal - (logPartitions[q] as number);
      done++;
    }
  }
  return { kl, chiSquare, logTotalError };
}

/** Over the queries. */
export function distanceBy({ kl, chiSquare, logTotalError }: Judgement): ProposalDistance {
  // What has no number is worse than all that have one.
  const comparable = chiSquare.map((value) => (Number.isNaN(value) ? Number.POSITIVE_INFINITY : value));
  return {
    kl: mean(kl),
    chiSquareP90: quantile(comparable, 0.9),
    logTotalError: mean(logTotalError.map(Math.abs)),
  };
}

/** log Q, but for the bias, of the classes of each bucket, f64 (bucketCount), +∞ in the head; and log S′. */
interface Proposal {
  readonly logMassesPtr: number;
  readonly logTotal: number;
}

/** In logarithms throughout, so that no spread of the logits is too wide. */
function proposalOf(
  { kernels, arena }: FitTools,
  { bits, bucketCount, codes, logWeights }: HeldBuckets,
  heads: Heads | undefined,
  scores: SubScores,
  group: QueryGroup,
  query: number,
): Proposal {
  const { width, logPartitions } = group;
  const logMassesPtr = arena.take(bucketCount * 8);
  // By codeword it does not matter here.
  const unusedPtr = arena.nest().take(8 << bits);
  const unused = { masses1Ptr: unusedPtr, masses2Ptr: unusedPtr, stride: 1 };
  const head = heads?.choose(scores, group, query, unused) ?? 0;
  const logHead = kernels.log64(head) + (logPartitions[query] as number);
  const flags = heads && arena.u8(heads.flagsPtr, bucketCount);
  const scores1 = arena.f32(scores.scores1Ptr, width << bits);
  const scores2 = arena.f32(scores.scores2Ptr, width << bits);
  const logMasses = arena.f64(logMassesPtr, bucketCount);
  let top = logHead;
  for (let b = 0; b < bucketCount; b++) {
    const code = codes[b] as number;
    const first = scores1[(code >> bits) * width + query] as number;
    const second = scores2[(code & (2 ** bits - 1)) * width + query] as number;
    const isHead = flags?.[b] === 1;
    logMasses[b] = isHead ? Number.POSITIVE_INFINITY : first + second;
    if (!isHead) top = Math.max(top, first + second + (logWeights[b] as number));
  }
  let sum = kernels.exp64(logHead - top);
  for (let b = 0; b < bucketCount; b++) {
    const logMass = logMasses[b] as number;
    if (logMass < Number.POSITIVE_INFINITY) sum += kernels.exp64(logMass + (logWeights[b] as number) - top);
  }
  const logTotal = top + kernels.log64(sum);
  for (let b = 0; b < bucketCount; b++) logMasses[b] = (logMasses[b] as number) - logTotal;
  return { logMassesPtr, logTotal };
}
