import * as structs from "../../../build/structs.ts";
import { placeTables } from "./codeword-tables.ts";
import type { Heads } from "./heads.ts";
import type { QueryGroup } from "./query-groups.ts";
import type { ResidentBuckets } from "./resident-buckets.ts";
import type { FitTools } from "./resident-classes.ts";
import type { SubScores } from "./sub-scores.ts";

/** The proposal for one query and its log S′. */
export interface QueryProposal {
  /** The address of the Proposal struct (assembly/train/fitting/structs.ts). */
  readonly proposalPtr: number;
  readonly logTotal: number;
  /** The least log mass per class among the buckets of the head, or +∞ without a head. */
  readonly threshold: number;
}

/** Works with logarithms throughout, so that no spread of the logits is too wide. */
export function proposalOf(
  { kernels, arena }: FitTools,
  { bits, bucketCount, codes, logWeights, logTilts, logDensitiesPtr }: ResidentBuckets,
  heads: Heads | undefined,
  scores: SubScores,
  group: QueryGroup,
  query: number,
): QueryProposal {
  const { width, logPartitions } = group;
  const logMassesPtr = arena.take(bucketCount * 8);
  const proposalPtr = arena.struct(structs.PROPOSAL_BYTES, {
    [structs.PROPOSAL_LOG_MASSES]: logMassesPtr,
    [structs.PROPOSAL_COLUMN]: query,
  });
  // The masses by codeword are not needed here.
  const nested = arena.nest();
  const unusedPtr = nested.take(8 << bits);
  const unused = { tablesPtr: placeTables(nested, unusedPtr, unusedPtr, 1), column: 0 };
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
      const logMass = first + second + (logTilts[b] as number);
      logMasses[b] = logMass;
      top = Math.max(top, logMass + (logWeights[b] as number));
    }
  }
  let sum = kernels.exp64(logHead - top);
  for (let b = 0; b < bucketCount; b++) {
    const logMass = logMasses[b] as number;
    if (logMass < Number.POSITIVE_INFINITY) sum += kernels.exp64(logMass + (logWeights[b] as number) - top);
  }
  const logTotal = top + kernels.log64(sum);
  for (let b = 0; b < bucketCount; b++) logMasses[b] = (logMasses[b] as number) - logTotal;
  const numbers = arena.f64(proposalPtr, structs.PROPOSAL_BYTES / 8);
  numbers[structs.PROPOSAL_LOG_PARTITION / 8] = logPartitions[query] as number;
  numbers[structs.PROPOSAL_LOG_TOTAL / 8] = logTotal;
  numbers[structs.PROPOSAL_DIVERGENCE / 8] = 0;
  numbers[structs.PROPOSAL_SQUARE / 8] = 0;
  return { proposalPtr, logTotal, threshold };
}
