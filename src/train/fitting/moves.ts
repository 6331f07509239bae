import * as structs from "../../../build/structs.ts";
import type { Codes } from "../codes/encode.ts";
import type { Quantizer } from "../kmeans/quantizer.ts";
import type { Interruptible } from "../runtime/event-loop.ts";
import { type Heads, planHeads } from "./heads.ts";
import { logitBlocks } from "./logit-blocks.ts";
import type { QueryGroup } from "./query-groups.ts";
import { proposalOf } from "./query-proposal.ts";
import { placeBuckets, type ResidentBuckets } from "./resident-buckets.ts";
import type { FitTools } from "./resident-classes.ts";
import { type SubScores, subScores } from "./sub-scores.ts";

/**
 * Chooses for each class, among the candidates, the codes that add least to Σ KL(P‖Q) over the queries, with all other
 * classes as they are under the first candidate. Ties go to the earlier candidate. Unlike a metric this takes into account
 * which queries a class matters for. It takes O(N · (dim + candidates)) per query.
 */
export function* bestMoves(
  tools: FitTools,
  groups: readonly QueryGroup[],
  quantizer: Quantizer,
  candidates: readonly [Codes, ...Codes[]],
  scan: number,
): Interruptible<Codes> {
  const { kernels, classes } = tools;
  const arena = tools.arena.nest();
  const nested = { ...tools, arena };
  const buckets = placeBuckets(kernels, arena, classes, quantizer.codewordCount, candidates[0]);
  const heads = scan > 0 ? planHeads(nested, buckets, scan) : undefined;
  const densitiesPtr = densityTable(nested, buckets);
  const places = candidates.map((codes) => placeCandidate(nested, codes));
  for (const group of groups) {
    const { queries, width } = group;
    const inner = { ...tools, arena: arena.nest() };
    const scores = subScores(inner, quantizer, group);
    const totals = placeTotals(inner, buckets, heads, group, scores);
    inner.arena.set(totals, { [structs.MOVES_LOG_DENSITIES]: densitiesPtr, [structs.MOVES_BITS]: buckets.bits });
    for (const { address } of logitBlocks(inner, queries, width)) {
      for (const { candidatePtr } of places) {
        kernels.addMoveLosses(address, classes.address, candidatePtr, scores.tablesPtr, totals);
      }
      yield;
    }
  }
  return leastOf(
    candidates,
    places.map(({ lossesPtr }) => arena.f64(lossesPtr, classes.itemCount)),
  );
}

/** The struct of a candidate's codes and the loss of each class under them, f64 (N). */
interface PlacedCandidate {
  readonly candidatePtr: number;
  readonly lossesPtr: number;
}

function placeCandidate({ arena, classes }: FitTools, { codes1, codes2 }: Codes): PlacedCandidate {
  const { itemCount } = classes;
  const [codes1Ptr, codes2Ptr, lossesPtr] = [
    arena.take(2 * itemCount),
    arena.take(2 * itemCount),
    arena.take(8 * itemCount),
  ];
  arena.u16(codes1Ptr, itemCount).set(codes1);
  arena.u16(codes2Ptr, itemCount).set(codes2);
  arena.f64(lossesPtr, itemCount).fill(0);
  const candidatePtr = arena.struct(structs.CANDIDATE_BYTES, {
    [structs.CANDIDATE_CODES_1]: codes1Ptr,
    [structs.CANDIDATE_CODES_2]: codes2Ptr,
    [structs.CANDIDATE_LOSSES]: lossesPtr,
  });
  return { candidatePtr, lossesPtr };
}

/** Writes the struct of log Z, log S′ and the least log mass per class of the head, f32 (width) each. */
function placeTotals(
  tools: FitTools,
  buckets: ResidentBuckets,
  heads: Heads | undefined,
  group: QueryGroup,
  scores: SubScores,
): number {
  const { arena } = tools;
  const { width, count, logPartitions } = group;
  const logPartitionsPtr = arena.take(4 * width);
  const logTotalsPtr = arena.take(4 * width);
  const thresholdsPtr = arena.take(4 * width);
  const movesPtr = arena.struct(structs.MOVES_BYTES, {
    [structs.MOVES_LOG_PARTITIONS]: logPartitionsPtr,
    [structs.MOVES_LOG_TOTALS]: logTotalsPtr,
    [structs.MOVES_THRESHOLDS]: thresholdsPtr,
  });
  const proposals = Array.from({ length: count }, (_, q) =>
    proposalOf({ ...tools, arena: arena.nest() }, buckets, heads, scores, group, q),
  );
  arena.f32(logPartitionsPtr, width).set(logPartitions);
  arena
    .f32(logTotalsPtr, width)
    .fill(0)
    .set(proposals.map(({ logTotal }) => logTotal));
  // Columns beyond the queries count every bucket as head.
  arena
    .f32(thresholdsPtr, width)
    .fill(Number.NEGATIVE_INFINITY)
    .set(proposals.map(({ threshold }) => threshold));
  return movesPtr;
}

/** Chooses for each class the codes of the candidate with the least loss. */
function leastOf(candidates: readonly [Codes, ...Codes[]], losses: readonly Float64Array[]): Codes {
  const [{ codes1, codes2 }] = candidates;
  const codes = { codes1: codes1.slice(), codes2: codes2.slice() };
  const least = (losses[0] as Float64Array).slice();
  for (const [c, candidate] of candidates.entries()) {
    const lost = losses[c] as Float64Array;
    for (let id = 0; id < lost.length; id++) {
      if (!((lost[id] as number) < (least[id] as number))) continue;
      least[id] = lost[id] as number;
      codes.codes1[id] = candidate.codes1[id] as number;
      codes.codes2[id] = candidate.codes2[id] as number;
    }
  }
  return codes;
}

/** Writes log w_b − log n_b of every pair of codewords, f32 (K, K). It is −∞ where there is no class. */
function densityTable({ arena }: FitTools, { bits, bucketCount, codes, logDensitiesPtr }: ResidentBuckets): number {
  const tablePtr = arena.take(4 * 4 ** bits);
  const table = arena.f32(tablePtr, 4 ** bits).fill(-Infinity);
  const densities = arena.f32(logDensitiesPtr, bucketCount);
  for (const [b, code] of codes.entries()) table[code] = densities[b] as number;
  return tablePtr;
}
