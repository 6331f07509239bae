import {
  LAYOUT_ITEM_COUNT, LAYOUT_DIM, LAYOUT_BITS, LAYOUT_CODEWORD_COUNT, LAYOUT_BUCKET_COUNT, LAYOUT_BLOCK_COUNT,
  LAYOUT_ROW_KIND, LAYOUT_ROW_BYTES, LAYOUT_CODEWORD_BYTES_1, LAYOUT_CODEWORD_BYTES_2, LAYOUT_DIM_1, LAYOUT_IS_COSINE,
  LAYOUT_INVERSE_TEMPERATURE, LAYOUT_NORM_BOUND, LAYOUT_BIAS_BOUND, LAYOUT_ERROR_BOUND, LAYOUT_BIAS_LEAST,
  LAYOUT_BIAS_RANGE, LAYOUT_ROW_BOUND, LAYOUT_ALLOWED_COUNT, LAYOUT_FINE_COUNT, LAYOUT_CODEBOOK_1, LAYOUT_CODEBOOK_2,
  LAYOUT_BUCKET_CODES, LAYOUT_BUCKET_OFFSETS, LAYOUT_IDS, LAYOUT_ROWS, LAYOUT_ROW_SCALES, LAYOUT_BIAS,
  LAYOUT_FINE_CODEBOOKS, LAYOUT_FINE_CODES, LAYOUT_POSITIONS, LAYOUT_EXCLUDED, LAYOUT_TAKEN, LAYOUT_SHARES,
  LAYOUT_SHARE_GUIDES, LAYOUT_BUCKET_LOG_WEIGHTS, LAYOUT_BUCKET_SLOTS, LAYOUT_GROUP_LOG_WEIGHTS, LAYOUT_GROUP_BLOCKS,
  LAYOUT_BLOCK_COLUMNS, LAYOUT_SLOT_WEIGHTS, LAYOUT_SLOT_RATES, LAYOUT_SLOT_COUNTS, LAYOUT_SLOT_BUCKETS,
  LAYOUT_SLOT_LOG_WEIGHTS, LAYOUT_SLOT_LOG_RATES, LAYOUT_SLOT_RADII, LAYOUT_SLOT_TOPS, LAYOUT_RESIDUAL_NORMS,
  LAYOUT_GROUP_STARTS, LAYOUT_GROUP_TOPS, LAYOUT_CODE_ERRORS, LAYOUT_CODE_BIASES, LAYOUT_QUERY, LAYOUT_SUB_QUERY_1,
  LAYOUT_SUB_QUERY_2, LAYOUT_FIXED_QUERY, LAYOUT_SUB_SCORES_1, LAYOUT_SUB_SCORES_2, LAYOUT_SECOND_WEIGHTS,
  LAYOUT_GROUP_SCALES, LAYOUT_SLOT_MASSES, LAYOUT_SLOT_KEYS, LAYOUT_BLOCK_MAXIMA, LAYOUT_BLOCK_SUMS,
  LAYOUT_GROUP_PREFIX, LAYOUT_CANDIDATE_SLOTS, LAYOUT_CANDIDATE_KEYS, LAYOUT_CANDIDATE_COUNTS, LAYOUT_HEAD_BUCKETS,
  LAYOUT_HEAD_SLOTS, LAYOUT_HEAD_POSITIONS, LAYOUT_HEAD_SCORES, LAYOUT_HEAD_PREFIX, LAYOUT_DRAW_POSITIONS,
  LAYOUT_RANDOM, LAYOUT_PREFIX_SUMS, LAYOUT_DRAW_SCORES, LAYOUT_DRAW_LOG_Q, LAYOUT_DRAW_FACTORS, LAYOUT_FINE_TABLES,
  LAYOUT_QUEUE_SCORES, LAYOUT_QUEUE_GROUPS, LAYOUT_RESERVOIR_POSITIONS, LAYOUT_RESERVOIR_KEYS, LAYOUT_CODE_MASSES,
  LAYOUT_CODE_PREFIX, LAYOUT_KEYS, LAYOUT_TOP_IDS, LAYOUT_TOP_SCORES, LAYOUT_SEARCH, LAYOUT_BYTES, SEARCH_QUERY_HASH,
  SEARCH_QUERY_STEP, SEARCH_QUERY_NORM, SEARCH_SLOPE, SEARCH_SLACK, SEARCH_CANDIDATE_COUNT, SEARCH_CURSOR_SLOT,
  SEARCH_CURSOR_POSITION, SEARCH_MASS_SHIFT, SEARCH_TAIL_TOTAL, SEARCH_HEAD_BUCKET_COUNT, SEARCH_HEAD_COUNT,
  SEARCH_HEAD_MAX, SEARCH_HEAD_SUM, SEARCH_SCORED, SEARCH_TOP_COUNT, SEARCH_DRAW_COUNT, SEARCH_LOG_PROPOSAL,
  SEARCH_LOG_SHIFT, SEARCH_HEAD_MASS, SEARCH_TAIL_MASS, SEARCH_TAIL_MEAN, SEARCH_TAIL_SQUARE_MEAN,
  SEARCH_TAIL_LARGEST, SEARCH_TAIL_LOG_VARIANCE, SEARCH_FINE_BASE, SEARCH_FINE_STEP, SEARCH_RESERVOIR_FLOOR,
  SEARCH_CODED, SEARCH_MASS_ROAD, SEARCH_GROUP_SHIFT, SEARCH_SECOND_SHIFT,
  SEARCH_BYTES,
} from "../src/abi";

/** The largest of 16 bits with a sign: codeErrors and codeBiases are in units of the largest over it. */
export const CODE_LEVELS: f64 = 32767;

/**
 * Where everything of one index and of one query lies: the single argument of the composed kernels.
 * src/memory/opened-index.ts writes it once after load, src/memory/conditions.ts what depends on temperature and filter; kernels only
 * read it. N classes, K codewords, B non-empty buckets.
 */
@unmanaged
export class Layout {
  itemCount: i32; // N
  dim: i32; // D
  bits: i32; // K = 2^bits
  codewordCount: i32;
  bucketCount: i32;
  blockCount: i32;
  rowKind: i32;
  rowBytes: i32; // bytes of a stored row, padding included
  codewordBytes1: i32; // bytes of a codeword, padding included
  codewordBytes2: i32;
  dim1: i32; // values of the query that the first codebook sees
  isCosine: i32;
  inverseTemperature: f32; // 1 / T
  normBound: f32; // largest norms of codewords and rows, summed, from above; set by whole/residuals.ts
  biasBound: f32; // largest |bias|
  errorBound: f32; // largest of what codeErrors stand for; set by whole/code-errors.ts, as the next two
  biasLeast: f32; // least bias
  biasRange: f32; // the largest less it, from above
  rowBound: f32; // largest norm of a row, from above: int8 rows only; set by whole/residuals.ts
  allowedCount: i32; // classes that are not excluded
  fineCount: i32; // sub-quantizers of the fine codes, an even number; 0 without
  codebook1: usize; // [K, codewordBytes1] f32
  codebook2: usize; // [K, codewordBytes2] f32
  bucketCodes: usize; // [B] i32: k1 * K + k2, ascending
  bucketOffsets: usize; // [B + 1] i32 positions
  ids: usize; // [N] i32: class at a position
  rows: usize; // [N, rowBytes] in bucket order
  rowScales: usize; // [N] f32, int8 rows only
  bias: usize; // [N] f32, 0 without
  fineCodebooks: usize; // [fineCount, FINE_DIMS, 16] f32, 0 without
  fineCodes: usize; // [N / 32, fineCount, 16] u8: scan/codes.ts
  positions: usize; // [N] i32: position of a class
  excluded: usize; // [N / 8] u8: bit by position, lowest first; 0 where no class is excluded
  taken: usize; // [N / 8] u8: the same for classes taken, all 0 between calls
  shares: usize; // [N] u32: start of the class in its bucket, of 2^31
  shareGuides: usize; // [N / 16] i32: a class every 16 in each bucket, by share
  bucketLogWeights: usize; // [B] f32: log w_b
  bucketSlots: usize; // [B] i32: slot of a bucket
  groupLogWeights: usize; // [K] f32: max of log w_b over the group
  groupBlocks: usize; // [K + 1] i32: first block of a group
  blockColumns: usize; // [blocks, 8] u8: k2 / 4 of each quad
  slotWeights: usize; // [blocks, 32] f32: w_b / max of the group, 0 where no bucket is
  slotRates: usize; // [blocks, 32] f32: 1 / number of classes, 0 where no bucket is
  slotCounts: usize; // [blocks, 32] i32: number of classes
  slotBuckets: usize; // [blocks, 32] i32: bucket, or -1
  slotLogWeights: usize; // [blocks, 32] f32: log w_b, the least f32 where no bucket is
  slotLogRates: usize; // [blocks, 32] f32: log of slotRates, 0 where no bucket is
  slotRadii: usize; // [blocks, 32] f32: largest of residualNorms, 0 before whole/residuals.ts
  slotTops: usize; // [blocks, 32] f32: largest bias
  residualNorms: usize; // [N] f32: norm of row - codewords, from above
  groupStarts: usize; // [K + 1] i32: first position of a group; scan/groups.ts, as the next
  groupTops: usize; // [K] f32: largest bias of a group, 0 without biases
  codeErrors: usize; // [N + 32] i16: norm of row - what its fine codes say, from above; whole/code-errors.ts, as the next
  codeBiases: usize; // [N + 32] i16: bias - biasLeast, from above
  query: usize; // [D] f32, zero-padded
  subQuery1: usize; // part of the query each codebook sees
  subQuery2: usize;
  fixedQuery: usize; // [rowBytes] i16: the query in fixed point
  subScores1: usize; // [K] f32
  subScores2: usize;
  secondWeights: usize; // [K] f32: e^(subScores2 - max)
  groupScales: usize; // [K] f32: e^(subScores1 + groupLogWeights - max)
  slotMasses: usize; // [blocks, 32] f32
  slotKeys: usize; // [blocks, 32] i32: order of the buckets for the head
  blockMaxima: usize; // [blocks, 4] i32: largest key by lane
  blockSums: usize; // [blocks, 4] f32: sum by lane
  groupPrefix: usize; // [K + 1] f64: tail mass before a group
  candidateSlots: usize; // [blocks * 32 + 4] i32
  candidateKeys: usize;
  candidateCounts: usize;
  headBuckets: usize; // [B] i32, ascending
  headSlots: usize; // [B] i32, ascending
  headPositions: usize; // [head + 4] i32
  headScores: usize; // [head + 4] f32
  headPrefix: usize; // [head + 1] f64
  drawPositions: usize; // [M + 4] i32
  random: usize; // [4] u32, then a key of 16 bytes and a counter of 16: src/answers/full-scan.ts
  prefixSums: usize; // [12] f32: four zeros, eight sums
  drawScores: usize; // [M + 4] f32
  drawLogQ: usize; // [M] f64
  drawFactors: usize; // [M] f64: 1 / share of the drawn class
  fineTables: usize; // [fineCount, 16] u8: scan/tables.ts
  queueScores: usize; // [K] f32: groups yet to be scanned
  queueGroups: usize; // [K] i32
  reservoirPositions: usize; // [reservoir + 64] i32: candidates for the exact scores
  reservoirKeys: usize; // [reservoir + 64] i32: order of their approximate scores
  codeMasses: usize; // [N + 32] f32: masses of the tail by fine codes: scan/proposal.ts, as the next
  codePrefix: usize; // [N / MASS_BLOCK + 1] f64: mass before a block
  keys: usize; // [k + 1] f64: sampling without replacement
  topIds: usize; // [k] i32
  topScores: usize; // [k] f32
  search: usize; // Search
}

/** State of one query; what src/answers/estimate.ts reads when the search is over. */
@unmanaged
export class Search {
  queryHash: u64; // XXH64 of the query's f32 bits
  queryStep: f64; // one unit of fixedQuery
  queryNorm: f64; // norm of the query, from above; set by whole/bounds.ts, as the next two
  slope: f64; // bound of a residual logit over its norm: queryNorm / T
  slack: f64; // what rounding can add to a bound over T
  candidateCount: f64; // slots that survivors still has to look into
  cursorSlot: f64; // where survivors goes on: a candidate, and a position in its bucket
  cursorPosition: f64;
  massShift: f64; // log of the unit of slotMasses
  tailTotal: f64; // S_T in units of e^massShift
  headBucketCount: f64;
  headCount: f64; // classes of the head
  headMax: f64; // largest score of the head
  headSum: f64; // Z_H in units of e^headMax
  scored: f64; // rows read
  topCount: f64; // entries of topIds
  drawCount: f64; // tail draws taken: 0 without a tail
  logProposal: f64; // log S', S' = Z_H + S_T
  logShift: f64; // log of the unit of headMass … tailLargest
  headMass: f64; // Z_H
  tailMass: f64; // S_T
  tailMean: f64; // mean over the draws of x = e^score / Q_tail: estimates the tail of Z
  tailSquareMean: f64; // mean of x^2, in units of e^(2 logShift)
  tailLargest: f64; // largest x
  tailLogVariance: f64; // sample variance of log x: 0 for fewer than two draws
  fineBase: f64; // sum over the fine tables of what their entries lack
  fineStep: f64; // what one unit of an entry is
  reservoirFloor: f64; // a key: candidates for the exact scores have a larger one
  coded: f64; // rows whose fine codes were read
  massRoad: f64; // ROAD_…: how slotMasses were made, where that matters to their logs
  groupShift: f64; // largest log of a factor of slotMasses that a group has, and a second codeword: ROAD_FACTORS
  secondShift: f64;
}

if (offsetof<Layout>("itemCount") != LAYOUT_ITEM_COUNT) ERROR("src/abi.ts: LAYOUT_ITEM_COUNT");
if (offsetof<Layout>("dim") != LAYOUT_DIM) ERROR("src/abi.ts: LAYOUT_DIM");
if (offsetof<Layout>("bits") != LAYOUT_BITS) ERROR("src/abi.ts: LAYOUT_BITS");
if (offsetof<Layout>("codewordCount") != LAYOUT_CODEWORD_COUNT) ERROR("src/abi.ts: LAYOUT_CODEWORD_COUNT");
if (offsetof<Layout>("bucketCount") != LAYOUT_BUCKET_COUNT) ERROR("src/abi.ts: LAYOUT_BUCKET_COUNT");
if (offsetof<Layout>("blockCount") != LAYOUT_BLOCK_COUNT) ERROR("src/abi.ts: LAYOUT_BLOCK_COUNT");
if (offsetof<Layout>("rowKind") != LAYOUT_ROW_KIND) ERROR("src/abi.ts: LAYOUT_ROW_KIND");
if (offsetof<Layout>("rowBytes") != LAYOUT_ROW_BYTES) ERROR("src/abi.ts: LAYOUT_ROW_BYTES");
if (offsetof<Layout>("codewordBytes1") != LAYOUT_CODEWORD_BYTES_1) ERROR("src/abi.ts: LAYOUT_CODEWORD_BYTES_1");
if (offsetof<Layout>("codewordBytes2") != LAYOUT_CODEWORD_BYTES_2) ERROR("src/abi.ts: LAYOUT_CODEWORD_BYTES_2");
if (offsetof<Layout>("dim1") != LAYOUT_DIM_1) ERROR("src/abi.ts: LAYOUT_DIM_1");
if (offsetof<Layout>("isCosine") != LAYOUT_IS_COSINE) ERROR("src/abi.ts: LAYOUT_IS_COSINE");
if (offsetof<Layout>("inverseTemperature") != LAYOUT_INVERSE_TEMPERATURE) ERROR("src/abi.ts: LAYOUT_INVERSE_TEMPERATURE");
if (offsetof<Layout>("normBound") != LAYOUT_NORM_BOUND) ERROR("src/abi.ts: LAYOUT_NORM_BOUND");
if (offsetof<Layout>("biasBound") != LAYOUT_BIAS_BOUND) ERROR("src/abi.ts: LAYOUT_BIAS_BOUND");
if (offsetof<Layout>("errorBound") != LAYOUT_ERROR_BOUND) ERROR("src/abi.ts: LAYOUT_ERROR_BOUND");
if (offsetof<Layout>("biasLeast") != LAYOUT_BIAS_LEAST) ERROR("src/abi.ts: LAYOUT_BIAS_LEAST");
if (offsetof<Layout>("biasRange") != LAYOUT_BIAS_RANGE) ERROR("src/abi.ts: LAYOUT_BIAS_RANGE");
if (offsetof<Layout>("rowBound") != LAYOUT_ROW_BOUND) ERROR("src/abi.ts: LAYOUT_ROW_BOUND");
if (offsetof<Layout>("allowedCount") != LAYOUT_ALLOWED_COUNT) ERROR("src/abi.ts: LAYOUT_ALLOWED_COUNT");
if (offsetof<Layout>("fineCount") != LAYOUT_FINE_COUNT) ERROR("src/abi.ts: LAYOUT_FINE_COUNT");
if (offsetof<Layout>("codebook1") != LAYOUT_CODEBOOK_1) ERROR("src/abi.ts: LAYOUT_CODEBOOK_1");
if (offsetof<Layout>("codebook2") != LAYOUT_CODEBOOK_2) ERROR("src/abi.ts: LAYOUT_CODEBOOK_2");
if (offsetof<Layout>("bucketCodes") != LAYOUT_BUCKET_CODES) ERROR("src/abi.ts: LAYOUT_BUCKET_CODES");
if (offsetof<Layout>("bucketOffsets") != LAYOUT_BUCKET_OFFSETS) ERROR("src/abi.ts: LAYOUT_BUCKET_OFFSETS");
if (offsetof<Layout>("ids") != LAYOUT_IDS) ERROR("src/abi.ts: LAYOUT_IDS");
if (offsetof<Layout>("rows") != LAYOUT_ROWS) ERROR("src/abi.ts: LAYOUT_ROWS");
if (offsetof<Layout>("rowScales") != LAYOUT_ROW_SCALES) ERROR("src/abi.ts: LAYOUT_ROW_SCALES");
if (offsetof<Layout>("bias") != LAYOUT_BIAS) ERROR("src/abi.ts: LAYOUT_BIAS");
if (offsetof<Layout>("fineCodebooks") != LAYOUT_FINE_CODEBOOKS) ERROR("src/abi.ts: LAYOUT_FINE_CODEBOOKS");
if (offsetof<Layout>("fineCodes") != LAYOUT_FINE_CODES) ERROR("src/abi.ts: LAYOUT_FINE_CODES");
if (offsetof<Layout>("positions") != LAYOUT_POSITIONS) ERROR("src/abi.ts: LAYOUT_POSITIONS");
if (offsetof<Layout>("excluded") != LAYOUT_EXCLUDED) ERROR("src/abi.ts: LAYOUT_EXCLUDED");
if (offsetof<Layout>("taken") != LAYOUT_TAKEN) ERROR("src/abi.ts: LAYOUT_TAKEN");
if (offsetof<Layout>("shares") != LAYOUT_SHARES) ERROR("src/abi.ts: LAYOUT_SHARES");
if (offsetof<Layout>("shareGuides") != LAYOUT_SHARE_GUIDES) ERROR("src/abi.ts: LAYOUT_SHARE_GUIDES");
if (offsetof<Layout>("bucketLogWeights") != LAYOUT_BUCKET_LOG_WEIGHTS) ERROR("src/abi.ts: LAYOUT_BUCKET_LOG_WEIGHTS");
if (offsetof<Layout>("bucketSlots") != LAYOUT_BUCKET_SLOTS) ERROR("src/abi.ts: LAYOUT_BUCKET_SLOTS");
if (offsetof<Layout>("groupLogWeights") != LAYOUT_GROUP_LOG_WEIGHTS) ERROR("src/abi.ts: LAYOUT_GROUP_LOG_WEIGHTS");
if (offsetof<Layout>("groupBlocks") != LAYOUT_GROUP_BLOCKS) ERROR("src/abi.ts: LAYOUT_GROUP_BLOCKS");
if (offsetof<Layout>("blockColumns") != LAYOUT_BLOCK_COLUMNS) ERROR("src/abi.ts: LAYOUT_BLOCK_COLUMNS");
if (offsetof<Layout>("slotWeights") != LAYOUT_SLOT_WEIGHTS) ERROR("src/abi.ts: LAYOUT_SLOT_WEIGHTS");
if (offsetof<Layout>("slotRates") != LAYOUT_SLOT_RATES) ERROR("src/abi.ts: LAYOUT_SLOT_RATES");
if (offsetof<Layout>("slotCounts") != LAYOUT_SLOT_COUNTS) ERROR("src/abi.ts: LAYOUT_SLOT_COUNTS");
if (offsetof<Layout>("slotBuckets") != LAYOUT_SLOT_BUCKETS) ERROR("src/abi.ts: LAYOUT_SLOT_BUCKETS");
if (offsetof<Layout>("slotLogWeights") != LAYOUT_SLOT_LOG_WEIGHTS) ERROR("src/abi.ts: LAYOUT_SLOT_LOG_WEIGHTS");
if (offsetof<Layout>("slotLogRates") != LAYOUT_SLOT_LOG_RATES) ERROR("src/abi.ts: LAYOUT_SLOT_LOG_RATES");
if (offsetof<Layout>("slotRadii") != LAYOUT_SLOT_RADII) ERROR("src/abi.ts: LAYOUT_SLOT_RADII");
if (offsetof<Layout>("slotTops") != LAYOUT_SLOT_TOPS) ERROR("src/abi.ts: LAYOUT_SLOT_TOPS");
if (offsetof<Layout>("residualNorms") != LAYOUT_RESIDUAL_NORMS) ERROR("src/abi.ts: LAYOUT_RESIDUAL_NORMS");
if (offsetof<Layout>("groupStarts") != LAYOUT_GROUP_STARTS) ERROR("src/abi.ts: LAYOUT_GROUP_STARTS");
if (offsetof<Layout>("groupTops") != LAYOUT_GROUP_TOPS) ERROR("src/abi.ts: LAYOUT_GROUP_TOPS");
if (offsetof<Layout>("codeErrors") != LAYOUT_CODE_ERRORS) ERROR("src/abi.ts: LAYOUT_CODE_ERRORS");
if (offsetof<Layout>("codeBiases") != LAYOUT_CODE_BIASES) ERROR("src/abi.ts: LAYOUT_CODE_BIASES");
if (offsetof<Layout>("query") != LAYOUT_QUERY) ERROR("src/abi.ts: LAYOUT_QUERY");
if (offsetof<Layout>("subQuery1") != LAYOUT_SUB_QUERY_1) ERROR("src/abi.ts: LAYOUT_SUB_QUERY_1");
if (offsetof<Layout>("subQuery2") != LAYOUT_SUB_QUERY_2) ERROR("src/abi.ts: LAYOUT_SUB_QUERY_2");
if (offsetof<Layout>("fixedQuery") != LAYOUT_FIXED_QUERY) ERROR("src/abi.ts: LAYOUT_FIXED_QUERY");
if (offsetof<Layout>("subScores1") != LAYOUT_SUB_SCORES_1) ERROR("src/abi.ts: LAYOUT_SUB_SCORES_1");
if (offsetof<Layout>("subScores2") != LAYOUT_SUB_SCORES_2) ERROR("src/abi.ts: LAYOUT_SUB_SCORES_2");
if (offsetof<Layout>("secondWeights") != LAYOUT_SECOND_WEIGHTS) ERROR("src/abi.ts: LAYOUT_SECOND_WEIGHTS");
if (offsetof<Layout>("groupScales") != LAYOUT_GROUP_SCALES) ERROR("src/abi.ts: LAYOUT_GROUP_SCALES");
if (offsetof<Layout>("slotMasses") != LAYOUT_SLOT_MASSES) ERROR("src/abi.ts: LAYOUT_SLOT_MASSES");
if (offsetof<Layout>("slotKeys") != LAYOUT_SLOT_KEYS) ERROR("src/abi.ts: LAYOUT_SLOT_KEYS");
if (offsetof<Layout>("blockMaxima") != LAYOUT_BLOCK_MAXIMA) ERROR("src/abi.ts: LAYOUT_BLOCK_MAXIMA");
if (offsetof<Layout>("blockSums") != LAYOUT_BLOCK_SUMS) ERROR("src/abi.ts: LAYOUT_BLOCK_SUMS");
if (offsetof<Layout>("groupPrefix") != LAYOUT_GROUP_PREFIX) ERROR("src/abi.ts: LAYOUT_GROUP_PREFIX");
if (offsetof<Layout>("candidateSlots") != LAYOUT_CANDIDATE_SLOTS) ERROR("src/abi.ts: LAYOUT_CANDIDATE_SLOTS");
if (offsetof<Layout>("candidateKeys") != LAYOUT_CANDIDATE_KEYS) ERROR("src/abi.ts: LAYOUT_CANDIDATE_KEYS");
if (offsetof<Layout>("candidateCounts") != LAYOUT_CANDIDATE_COUNTS) ERROR("src/abi.ts: LAYOUT_CANDIDATE_COUNTS");
if (offsetof<Layout>("headBuckets") != LAYOUT_HEAD_BUCKETS) ERROR("src/abi.ts: LAYOUT_HEAD_BUCKETS");
if (offsetof<Layout>("headSlots") != LAYOUT_HEAD_SLOTS) ERROR("src/abi.ts: LAYOUT_HEAD_SLOTS");
if (offsetof<Layout>("headPositions") != LAYOUT_HEAD_POSITIONS) ERROR("src/abi.ts: LAYOUT_HEAD_POSITIONS");
if (offsetof<Layout>("headScores") != LAYOUT_HEAD_SCORES) ERROR("src/abi.ts: LAYOUT_HEAD_SCORES");
if (offsetof<Layout>("headPrefix") != LAYOUT_HEAD_PREFIX) ERROR("src/abi.ts: LAYOUT_HEAD_PREFIX");
if (offsetof<Layout>("drawPositions") != LAYOUT_DRAW_POSITIONS) ERROR("src/abi.ts: LAYOUT_DRAW_POSITIONS");
if (offsetof<Layout>("random") != LAYOUT_RANDOM) ERROR("src/abi.ts: LAYOUT_RANDOM");
if (offsetof<Layout>("prefixSums") != LAYOUT_PREFIX_SUMS) ERROR("src/abi.ts: LAYOUT_PREFIX_SUMS");
if (offsetof<Layout>("drawScores") != LAYOUT_DRAW_SCORES) ERROR("src/abi.ts: LAYOUT_DRAW_SCORES");
if (offsetof<Layout>("drawLogQ") != LAYOUT_DRAW_LOG_Q) ERROR("src/abi.ts: LAYOUT_DRAW_LOG_Q");
if (offsetof<Layout>("drawFactors") != LAYOUT_DRAW_FACTORS) ERROR("src/abi.ts: LAYOUT_DRAW_FACTORS");
if (offsetof<Layout>("fineTables") != LAYOUT_FINE_TABLES) ERROR("src/abi.ts: LAYOUT_FINE_TABLES");
if (offsetof<Layout>("queueScores") != LAYOUT_QUEUE_SCORES) ERROR("src/abi.ts: LAYOUT_QUEUE_SCORES");
if (offsetof<Layout>("queueGroups") != LAYOUT_QUEUE_GROUPS) ERROR("src/abi.ts: LAYOUT_QUEUE_GROUPS");
if (offsetof<Layout>("reservoirPositions") != LAYOUT_RESERVOIR_POSITIONS) ERROR("src/abi.ts: LAYOUT_RESERVOIR_POSITIONS");
if (offsetof<Layout>("reservoirKeys") != LAYOUT_RESERVOIR_KEYS) ERROR("src/abi.ts: LAYOUT_RESERVOIR_KEYS");
if (offsetof<Layout>("codeMasses") != LAYOUT_CODE_MASSES) ERROR("src/abi.ts: LAYOUT_CODE_MASSES");
if (offsetof<Layout>("codePrefix") != LAYOUT_CODE_PREFIX) ERROR("src/abi.ts: LAYOUT_CODE_PREFIX");
if (offsetof<Layout>("keys") != LAYOUT_KEYS) ERROR("src/abi.ts: LAYOUT_KEYS");
if (offsetof<Layout>("topIds") != LAYOUT_TOP_IDS) ERROR("src/abi.ts: LAYOUT_TOP_IDS");
if (offsetof<Layout>("topScores") != LAYOUT_TOP_SCORES) ERROR("src/abi.ts: LAYOUT_TOP_SCORES");
if (offsetof<Layout>("search") != LAYOUT_SEARCH) ERROR("src/abi.ts: LAYOUT_SEARCH");
if (offsetof<Layout>() != LAYOUT_BYTES) ERROR("src/abi.ts: LAYOUT_BYTES");
if (offsetof<Search>("queryHash") != SEARCH_QUERY_HASH) ERROR("src/abi.ts: SEARCH_QUERY_HASH");
if (offsetof<Search>("queryStep") != SEARCH_QUERY_STEP) ERROR("src/abi.ts: SEARCH_QUERY_STEP");
if (offsetof<Search>("queryNorm") != SEARCH_QUERY_NORM) ERROR("src/abi.ts: SEARCH_QUERY_NORM");
if (offsetof<Search>("slope") != SEARCH_SLOPE) ERROR("src/abi.ts: SEARCH_SLOPE");
if (offsetof<Search>("slack") != SEARCH_SLACK) ERROR("src/abi.ts: SEARCH_SLACK");
if (offsetof<Search>("candidateCount") != SEARCH_CANDIDATE_COUNT) ERROR("src/abi.ts: SEARCH_CANDIDATE_COUNT");
if (offsetof<Search>("cursorSlot") != SEARCH_CURSOR_SLOT) ERROR("src/abi.ts: SEARCH_CURSOR_SLOT");
if (offsetof<Search>("cursorPosition") != SEARCH_CURSOR_POSITION) ERROR("src/abi.ts: SEARCH_CURSOR_POSITION");
if (offsetof<Search>("massShift") != SEARCH_MASS_SHIFT) ERROR("src/abi.ts: SEARCH_MASS_SHIFT");
if (offsetof<Search>("tailTotal") != SEARCH_TAIL_TOTAL) ERROR("src/abi.ts: SEARCH_TAIL_TOTAL");
if (offsetof<Search>("headBucketCount") != SEARCH_HEAD_BUCKET_COUNT) ERROR("src/abi.ts: SEARCH_HEAD_BUCKET_COUNT");
if (offsetof<Search>("headCount") != SEARCH_HEAD_COUNT) ERROR("src/abi.ts: SEARCH_HEAD_COUNT");
if (offsetof<Search>("headMax") != SEARCH_HEAD_MAX) ERROR("src/abi.ts: SEARCH_HEAD_MAX");
if (offsetof<Search>("headSum") != SEARCH_HEAD_SUM) ERROR("src/abi.ts: SEARCH_HEAD_SUM");
if (offsetof<Search>("scored") != SEARCH_SCORED) ERROR("src/abi.ts: SEARCH_SCORED");
if (offsetof<Search>("topCount") != SEARCH_TOP_COUNT) ERROR("src/abi.ts: SEARCH_TOP_COUNT");
if (offsetof<Search>("drawCount") != SEARCH_DRAW_COUNT) ERROR("src/abi.ts: SEARCH_DRAW_COUNT");
if (offsetof<Search>("logProposal") != SEARCH_LOG_PROPOSAL) ERROR("src/abi.ts: SEARCH_LOG_PROPOSAL");
if (offsetof<Search>("logShift") != SEARCH_LOG_SHIFT) ERROR("src/abi.ts: SEARCH_LOG_SHIFT");
if (offsetof<Search>("headMass") != SEARCH_HEAD_MASS) ERROR("src/abi.ts: SEARCH_HEAD_MASS");
if (offsetof<Search>("tailMass") != SEARCH_TAIL_MASS) ERROR("src/abi.ts: SEARCH_TAIL_MASS");
if (offsetof<Search>("tailMean") != SEARCH_TAIL_MEAN) ERROR("src/abi.ts: SEARCH_TAIL_MEAN");
if (offsetof<Search>("tailSquareMean") != SEARCH_TAIL_SQUARE_MEAN) ERROR("src/abi.ts: SEARCH_TAIL_SQUARE_MEAN");
if (offsetof<Search>("tailLargest") != SEARCH_TAIL_LARGEST) ERROR("src/abi.ts: SEARCH_TAIL_LARGEST");
if (offsetof<Search>("tailLogVariance") != SEARCH_TAIL_LOG_VARIANCE) ERROR("src/abi.ts: SEARCH_TAIL_LOG_VARIANCE");
if (offsetof<Search>("fineBase") != SEARCH_FINE_BASE) ERROR("src/abi.ts: SEARCH_FINE_BASE");
if (offsetof<Search>("fineStep") != SEARCH_FINE_STEP) ERROR("src/abi.ts: SEARCH_FINE_STEP");
if (offsetof<Search>("reservoirFloor") != SEARCH_RESERVOIR_FLOOR) ERROR("src/abi.ts: SEARCH_RESERVOIR_FLOOR");
if (offsetof<Search>("coded") != SEARCH_CODED) ERROR("src/abi.ts: SEARCH_CODED");
if (offsetof<Search>("massRoad") != SEARCH_MASS_ROAD) ERROR("src/abi.ts: SEARCH_MASS_ROAD");
if (offsetof<Search>("groupShift") != SEARCH_GROUP_SHIFT) ERROR("src/abi.ts: SEARCH_GROUP_SHIFT");
if (offsetof<Search>("secondShift") != SEARCH_SECOND_SHIFT) ERROR("src/abi.ts: SEARCH_SECOND_SHIFT");
if (offsetof<Search>() != SEARCH_BYTES) ERROR("src/abi.ts: SEARCH_BYTES");
