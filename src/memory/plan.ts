import * as abi from "../abi.ts";
import { codebookDims, fineCount, paddedCodeword, paddedRow, ROW_VALUE_BYTES } from "../format/facts.ts";
import type { IndexHeader } from "../format/header.ts";

/** What one index may be asked for; memory is laid out for the largest such call. */
export interface Limits {
  /** Bytes of WASM memory, everything included. */
  readonly maxBytes: number;
  /** Queries of one call. */
  readonly maxBatch: number;
  /** Draws of one query. */
  readonly maxDraws: number;
  /** k of one query; an index with no more classes gives all of them for any k. */
  readonly maxK: number;
  /** Head budget of one query, in classes; an index with no more classes can be scanned whole. */
  readonly maxScan: number;
}

/**
 * Memory of one index:
 *
 *   0           heapBase   layout   file                          derived, scratch        end
 *   ├───────────┼──────────┼────────┼─────────────────────────────┼───────────────────────┤
 *   │ constants │ pad      │ fields │ header, tensors: as on disk │ tables, query, draws… │
 */
export interface MemoryPlan {
  /** Address of the Layout. */
  readonly layout: number;
  /** Address of the file's first byte; a multiple of 16. */
  readonly file: number;
  /** Address by name of a pointer field of Layout; 0 for what this index lacks. */
  readonly regions: Readonly<Record<RegionName, number>>;
  readonly totalBytes: number;
  /** Values that the draw buffers hold. */
  readonly drawCapacity: number;
  /** Largest head budget. */
  readonly maxScan: number;
}

/** Pointer fields of the Layout that lie outside of the file, with their place in it. */
export const REGION_FIELDS = {
  positions: abi.LAYOUT_POSITIONS,
  excluded: abi.LAYOUT_EXCLUDED,
  taken: abi.LAYOUT_TAKEN,
  shares: abi.LAYOUT_SHARES,
  shareGuides: abi.LAYOUT_SHARE_GUIDES,
  bucketLogWeights: abi.LAYOUT_BUCKET_LOG_WEIGHTS,
  bucketSlots: abi.LAYOUT_BUCKET_SLOTS,
  groupLogWeights: abi.LAYOUT_GROUP_LOG_WEIGHTS,
  groupBlocks: abi.LAYOUT_GROUP_BLOCKS,
  blockColumns: abi.LAYOUT_BLOCK_COLUMNS,
  slotWeights: abi.LAYOUT_SLOT_WEIGHTS,
  slotRates: abi.LAYOUT_SLOT_RATES,
  slotCounts: abi.LAYOUT_SLOT_COUNTS,
  slotBuckets: abi.LAYOUT_SLOT_BUCKETS,
  slotLogWeights: abi.LAYOUT_SLOT_LOG_WEIGHTS,
  slotLogRates: abi.LAYOUT_SLOT_LOG_RATES,
  slotRadii: abi.LAYOUT_SLOT_RADII,
  slotTops: abi.LAYOUT_SLOT_TOPS,
  residualNorms: abi.LAYOUT_RESIDUAL_NORMS,
  groupStarts: abi.LAYOUT_GROUP_STARTS,
  groupTops: abi.LAYOUT_GROUP_TOPS,
  codeErrors: abi.LAYOUT_CODE_ERRORS,
  codeBiases: abi.LAYOUT_CODE_BIASES,
  query: abi.LAYOUT_QUERY,
  subQuery1: abi.LAYOUT_SUB_QUERY_1,
  subQuery2: abi.LAYOUT_SUB_QUERY_2,
  fixedQuery: abi.LAYOUT_FIXED_QUERY,
  subScores1: abi.LAYOUT_SUB_SCORES_1,
  subScores2: abi.LAYOUT_SUB_SCORES_2,
  secondWeights: abi.LAYOUT_SECOND_WEIGHTS,
  groupScales: abi.LAYOUT_GROUP_SCALES,
  slotMasses: abi.LAYOUT_SLOT_MASSES,
  slotKeys: abi.LAYOUT_SLOT_KEYS,
  blockMaxima: abi.LAYOUT_BLOCK_MAXIMA,
  blockSums: abi.LAYOUT_BLOCK_SUMS,
  groupPrefix: abi.LAYOUT_GROUP_PREFIX,
  candidateSlots: abi.LAYOUT_CANDIDATE_SLOTS,
  candidateKeys: abi.LAYOUT_CANDIDATE_KEYS,
  candidateCounts: abi.LAYOUT_CANDIDATE_COUNTS,
  headBuckets: abi.LAYOUT_HEAD_BUCKETS,
  headSlots: abi.LAYOUT_HEAD_SLOTS,
  headPositions: abi.LAYOUT_HEAD_POSITIONS,
  headScores: abi.LAYOUT_HEAD_SCORES,
  headPrefix: abi.LAYOUT_HEAD_PREFIX,
  drawPositions: abi.LAYOUT_DRAW_POSITIONS,
  random: abi.LAYOUT_RANDOM,
  prefixSums: abi.LAYOUT_PREFIX_SUMS,
  drawScores: abi.LAYOUT_DRAW_SCORES,
  drawLogQ: abi.LAYOUT_DRAW_LOG_Q,
  drawFactors: abi.LAYOUT_DRAW_FACTORS,
  fineTables: abi.LAYOUT_FINE_TABLES,
  queueScores: abi.LAYOUT_QUEUE_SCORES,
  queueGroups: abi.LAYOUT_QUEUE_GROUPS,
  reservoirPositions: abi.LAYOUT_RESERVOIR_POSITIONS,
  reservoirKeys: abi.LAYOUT_RESERVOIR_KEYS,
  codeMasses: abi.LAYOUT_CODE_MASSES,
  codePrefix: abi.LAYOUT_CODE_PREFIX,
  keys: abi.LAYOUT_KEYS,
  topIds: abi.LAYOUT_TOP_IDS,
  topScores: abi.LAYOUT_TOP_SCORES,
  search: abi.LAYOUT_SEARCH,
} as const;

export type RegionName = keyof typeof REGION_FIELDS;

const align16 = (bytes: number): number => Math.ceil(bytes / 16) * 16;

/** Values of score buffers beyond their count: scores are written four at a time. */
const SLACK = 4;

/** Where everything goes. Pure; RangeError where it would not fit into limits.maxBytes. */
export function planMemory(
  header: Pick<IndexHeader, "facts" | "fileBytes">,
  limits: Limits,
  heapBase: number,
): MemoryPlan {
  const { facts } = header;
  const { itemCount, bucketCount } = facts;
  const codewordCount = 2 ** facts.bits;
  const codewords = Math.ceil(codewordCount / 4) * 4;
  const [dim1, dim2] = codebookDims(facts);
  // A group has at most K / 32 blocks of slots, and no more blocks than buckets.
  const blocks = Math.min(codewordCount * Math.ceil(codewordCount / abi.BLOCK_SLOTS), bucketCount);
  const slots = blocks * abi.BLOCK_SLOTS;
  const maxK = Math.min(limits.maxK, itemCount);
  const headCapacity = Math.min(itemCount, Math.max(limits.maxScan, maxK) + facts.largestBucket);
  const drawCapacity = Math.max(limits.maxDraws, 1024);
  const rowValues = Math.max(paddedRow(facts), paddedCodeword(facts.dim), 16);
  const isResidual = facts.quantizer === "rq";
  const fine = facts.hasFineCodes ? 1 : 0;
  // Cut at twice as many as are kept, after a block; the last quad written may hang over.
  const reservoir = 2 * Math.max(limits.maxScan, maxK) + abi.CODE_BLOCK + SLACK;

  const bytes: Record<RegionName, number> = {
    search: abi.SEARCH_BYTES,
    positions: itemCount * 4,
    excluded: Math.ceil(itemCount / 8),
    taken: Math.ceil(itemCount / 8),
    shares: itemCount * 4,
    shareGuides: Math.ceil(itemCount / abi.GUIDE_STEP) * 4,
    bucketLogWeights: bucketCount * 4,
    bucketSlots: bucketCount * 4,
    groupLogWeights: codewords * 4,
    groupBlocks: (codewordCount + 1) * 4,
    blockColumns: blocks * abi.BLOCK_QUADS,
    slotWeights: slots * 4,
    slotRates: slots * 4,
    slotCounts: slots * 4,
    slotBuckets: slots * 4,
    slotLogWeights: slots * 4,
    slotLogRates: slots * 4,
    slotRadii: slots * 4,
    slotTops: slots * 4,
    residualNorms: (itemCount + SLACK) * 4,
    groupStarts: fine * (codewordCount + 1) * 4,
    groupTops: fine * codewords * 4,
    codeErrors: fine * (itemCount + abi.CODE_BLOCK) * 2,
    codeBiases: facts.hasBias ? fine * (itemCount + abi.CODE_BLOCK) * 2 : 0,
    query: rowValues * 4,
    subQuery1: isResidual ? 0 : paddedCodeword(dim1) * 4,
    subQuery2: isResidual ? 0 : paddedCodeword(dim2) * 4,
    fixedQuery: rowValues * 2,
    subScores1: codewords * 4,
    subScores2: codewords * 4,
    secondWeights: codewords * 4,
    groupScales: codewords * 4,
    slotMasses: slots * 4,
    slotKeys: slots * 4,
    blockMaxima: blocks * 16,
    blockSums: (blocks + abi.BLOCK_QUADS) * 16,
    groupPrefix: (codewordCount + 1) * 8,
    candidateSlots: (slots + SLACK) * 4,
    candidateKeys: (slots + SLACK) * 4,
    candidateCounts: (slots + SLACK) * 4,
    headBuckets: (bucketCount + SLACK) * 4,
    headSlots: (bucketCount + SLACK) * 4,
    headPositions: (headCapacity + SLACK) * 4,
    headScores: (headCapacity + SLACK) * 4,
    headPrefix: (headCapacity + SLACK + 1) * 8,
    drawPositions: (drawCapacity + SLACK) * 4,
    random: 48,
    prefixSums: 48,
    drawScores: (drawCapacity + SLACK) * 4,
    drawLogQ: drawCapacity * 8,
    drawFactors: drawCapacity * 8,
    fineTables: fineCount(facts) * abi.FINE_CODEWORDS,
    queueScores: fine * codewords * 4,
    queueGroups: fine * codewords * 4,
    reservoirPositions: fine * reservoir * 4,
    reservoirKeys: fine * reservoir * 4,
    codeMasses: fine * (itemCount + abi.CODE_BLOCK) * 4,
    codePrefix: fine * (Math.ceil(itemCount / abi.MASS_BLOCK) + 1) * 8,
    keys: (maxK + 1) * 8,
    topIds: (maxK + 1 + SLACK) * 4,
    topScores: (maxK + 1 + SLACK) * 4,
  };

  const layout = align16(heapBase);
  const file = layout + align16(abi.LAYOUT_BYTES);
  let end = file + align16(header.fileBytes);
  const regions = {} as Record<RegionName, number>;
  for (const name of Object.keys(bytes) as RegionName[]) {
    regions[name] = end;
    end += align16(bytes[name]);
  }
  if (isResidual) {
    regions.subQuery1 = regions.query;
    regions.subQuery2 = regions.query;
  }
  if (end > limits.maxBytes) {
    throw new RangeError(
      `index needs ${mebibytes(end)}, limit is ${mebibytes(limits.maxBytes)} (maxBytes): raise it, or build smaller rows`,
    );
  }
  return { layout, file, regions, totalBytes: end, drawCapacity, maxScan: limits.maxScan };
}

/** Rounded up, so that a limit below the need never reads like it. */
const mebibytes = (bytes: number): string => `${(Math.ceil(bytes / 2 ** 20 / 0.1) / 10).toFixed(1)} MiB`;
export const rowBytes = (header: IndexHeader): number => paddedRow(header.facts) * ROW_VALUE_BYTES[header.facts.rows];
