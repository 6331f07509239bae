import { PROPOSAL_DIVERGENCE, PROPOSAL_SQUARE } from "../../../build/structs.ts";
import { mean, quantile } from "../arithmetic/averages.ts";
import type { Codes } from "../codes/encode.ts";
import type { Quantizer } from "../kmeans/quantizer.ts";
import type { Interruptible } from "../runtime/event-loop.ts";
import { type Finish, finishBuckets, untilted } from "./finished-buckets.ts";
import type { ProposalDistance } from "./fit-options.ts";
import { planHeads } from "./heads.ts";
import { logitBlocks } from "./logit-blocks.ts";
import type { QueryGroup } from "./query-groups.ts";
import { proposalOf } from "./query-proposal.ts";
import { placeBuckets } from "./resident-buckets.ts";
import type { FitTools } from "./resident-classes.ts";
import { subScores } from "./sub-scores.ts";

/** The distance of the proposal from the softmax, with one value per query. */
export interface Validation {
  /** KL(P‖Q), nats. */
  readonly kl: Float64Array;
  /** χ²(P‖Q). */
  readonly chiSquare: Float64Array;
  /** log S′ − log Z: the error of the proposal's own total, without any draw. */
  readonly logTotalError: Float64Array;
}

/**
 * Compares the proposal of codebooks and codes with the softmax over all classes. As in a query, `scan` classes of the best
 * buckets are scored exactly. 0 means the plain proposal. With `finish` it is the proposal of the finished index, with its
 * outliers and tilts, otherwise that of the quantised logits. It takes O(N · dim) per query.
 */
export function* validate(
  tools: FitTools,
  groups: readonly QueryGroup[],
  quantizer: Quantizer,
  codes: Codes,
  scan: number,
  finish?: Finish,
): Interruptible<Validation> {
  const { kernels, classes } = tools;
  const { dim } = classes;
  const arena = tools.arena.nest();
  const { buckets, tilt, outlierCount } = finish
    ? finishBuckets({ ...tools, arena }, quantizer, codes, finish)
    : untilted(placeBuckets(kernels, arena, classes, quantizer.codewordCount, codes));
  // As in a query (assembly/head.ts), all outliers are in the head, and count as at most a quarter of it.
  const inBuckets = scan - Math.min(outlierCount, scan >> 2);
  const heads = scan + outlierCount > 0 ? planHeads({ ...tools, arena }, buckets, inBuckets) : undefined;
  const queryCount = groups.reduce((sum, { count }) => sum + count, 0);
  const kl = new Float64Array(queryCount);
  const chiSquare = new Float64Array(queryCount);
  const logTotalError = new Float64Array(queryCount);
  let done = 0;
  for (const group of groups) {
    const { queries, width, count, logPartitions } = group;
    const nested = { ...tools, arena: arena.nest() };
    const scores = subScores(nested, quantizer, group);
    const proposals = Array.from({ length: count }, (_, q) => {
      tilt(queries.subarray(q * dim, (q + 1) * dim));
      return proposalOf(nested, buckets, heads, scores, group, q);
    });
    for (const { address } of logitBlocks(nested, queries, width)) {
      for (const { proposalPtr } of proposals) {
        kernels.addDivergence(address, classes.address, buckets.address, proposalPtr);
      }
      yield;
    }
    for (const [q, { proposalPtr, logTotal }] of proposals.entries()) {
      kl[done] = nested.arena.f64(proposalPtr + PROPOSAL_DIVERGENCE, 1)[0] as number;
      chiSquare[done] = (nested.arena.f64(proposalPtr + PROPOSAL_SQUARE, 1)[0] as number) - 1;
      logTotalError[done] = logTotal - (logPartitions[q] as number);
      done++;
    }
  }
  return { kl, chiSquare, logTotalError };
}

/** Summarises a validation over its queries. */
export function proposalDistance({ kl, chiSquare, logTotalError }: Validation): ProposalDistance {
  // NaN counts as worse than every number.
  const comparable = chiSquare.map((value) => (Number.isNaN(value) ? Number.POSITIVE_INFINITY : value));
  return {
    kl: mean(kl.map((value) => Math.max(0, value))), // rounding can make it negative
    chiSquareP90: quantile(comparable, 0.9),
    logTotalError: mean(logTotalError.map(Math.abs)),
  };
}
