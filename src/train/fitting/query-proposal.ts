import type { Heads } from "./heads.ts";
import type { HeldBuckets } from "./held-buckets.ts";
import type { FitTools } from "./held-classes.ts";
import type { QueryGroup } from "./query-groups.ts";
import type { SubScores } from "./sub-scores.ts";

/** log Q, but for the bias, of the classes of each bucket, f64 (bucketCount), +∞ in the head; and log S′. */
export interface QueryProposal {
  readonly logMassesPtr: number;
  readonly logTotal: number;
  /** Least log mass per class of the head's buckets; +∞ without a head. */
  readonly threshold: number;
}

/** In logarithms throughout, so that no spread of the logits is too wide. */
export function proposalOf(
  { kernels, arena }: FitTools,
  { bits, bucketCount, codes, logWeights, logDensitiesPtr }: HeldBuckets,
  heads: Heads | undefined,
  scores: SubScores,
  group: QueryGroup,
  query: number,
): QueryProposal {
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
  const logDensities = arena.f32(logDensitiesPtr, bucketCount);
  let top = logHead;
  let threshold = Number.POSITIVE_INFINITY;
  for (let b = 0; b < bucketCount; b++) {
    const code = codes[b] as number;
    const first = scores1[(code >> bits) * width + query] as number;
    const second = scores2[(code & (2 ** bits - 1)) * width + query] as number;
    if (flags?.[b] === 1) {
      logMasses[b] = Number.POSITIVE_INFINITY;
      threshold = Math.min(threshold, Math.fround(Math.fround(first + second) + (logDensities[b] as number)));
    } else {
      logMasses[b] = first + second;
      top = Math.max(top, first + second + (logWeights[b] as number));
    }
  }
  let sum = kernels.exp64(logHead - top);
  for (let b = 0; b < bucketCount; b++) {
    const logMass = logMasses[b] as number;
    if (logMass < Number.POSITIVE_INFINITY) sum += kernels.exp64(logMass + (logWeights[b] as number) - top);
  }
  const logTotal = top + kernels.log64(sum);
  for (let b = 0; b < bucketCount; b++) logMasses[b] = (logMasses[b] as number) - logTotal;
  return { logMassesPtr, logTotal, threshold };
}
