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
  codebook1: usize; // in the file: [K, codewordBytes1] f32
  codebook2: usize; // in the file: [K, codewordBytes2] f32
  bucketCodes: usize; // in the file: [B] i32: k1 * K + k2, ascending
  bucketOffsets: usize; // in the file: [B + 1] i32 positions
  ids: usize; // in the file: [N] i32: class at a position
  rows: usize; // in the file: [N, rowBytes] in bucket order
  rowScales: usize; // in the file: [N] f32, int8 rows only
  bias: usize; // in the file: [N] f32, 0 without
  fineCodebooks: usize; // in the file: [fineCount, FINE_DIMS, 16] f32, 0 without
  fineCodes: usize; // in the file: [N / 32, fineCount, 16] u8: scan/codes.ts
  positions: usize; // [N] i32: position of a class
  excluded: usize; // [ceil(N / 8)] u8: bit by position, lowest first; 0 where no class is excluded
  taken: usize; // [ceil(N / 8)] u8: the same for classes taken, all 0 between calls
  shares: usize; // [N] u32: start of the class in its bucket, of 2^31
  shareGuides: usize; // [ceil(N / GUIDE_STEP)] i32: a class every 16 in each bucket, by share
  bucketLogWeights: usize; // [B] f32: log w_b
  bucketSlots: usize; // [B] i32: slot of a bucket
  groupLogWeights: usize; // [paddedK] f32: max of log w_b over the group
  groupBlocks: usize; // [K + 1] i32: first block of a group
  blockColumns: usize; // [blocks, BLOCK_QUADS] u8: k2 / 4 of each quad
  slotWeights: usize; // [blocks, BLOCK_SLOTS] f32: w_b / max of the group, 0 where no bucket is
  slotRates: usize; // [blocks, BLOCK_SLOTS] f32: 1 / number of classes, 0 where no bucket is
  slotCounts: usize; // [blocks, BLOCK_SLOTS] i32: number of classes
  slotBuckets: usize; // [blocks, BLOCK_SLOTS] i32: bucket, or -1
  slotLogWeights: usize; // [blocks, BLOCK_SLOTS] f32: log w_b, the least f32 where no bucket is
  slotLogRates: usize; // [blocks, BLOCK_SLOTS] f32: log of slotRates, 0 where no bucket is
  slotRadii: usize; // [blocks, BLOCK_SLOTS] f32: largest of residualNorms, 0 before whole/residuals.ts
  slotTops: usize; // [blocks, BLOCK_SLOTS] f32: largest bias
  residualNorms: usize; // [N + SLACK] f32: norm of row - codewords, from above
  groupStarts: usize; // [K + 1] i32 if fine: first position of a group; scan/groups.ts, as the next
  groupTops: usize; // [paddedK] f32 if fine: largest bias of a group, 0 without biases
  codeErrors: usize; // [N + CODE_BLOCK] i16 if fine: norm of row - what its fine codes say, from above; whole/code-errors.ts, as the next
  codeBiases: usize; // [N + CODE_BLOCK] i16 if fineBias: bias - biasLeast, from above
  query: usize; // [rowValues] f32: zero-padded
  subQuery1: usize; // [codeword1] f32 if halves: the part of the query that the first codebook sees; with "rq" it is the query
  subQuery2: usize; // [codeword2] f32 if halves: the same for the second
  fixedQuery: usize; // [rowValues] i16: the query in fixed point
  subScores1: usize; // [paddedK] f32
  subScores2: usize; // [paddedK] f32
  secondWeights: usize; // [paddedK] f32: e^(subScores2 - max)
  groupScales: usize; // [paddedK] f32: e^(subScores1 + groupLogWeights - max)
  slotMasses: usize; // [blocks, BLOCK_SLOTS] f32
  slotKeys: usize; // [blocks, BLOCK_SLOTS] i32: order of the buckets for the head
  blockMaxima: usize; // [blocks, 4] i32: largest key by lane
  blockSums: usize; // [blocks + BLOCK_QUADS, 4] f32: sum by lane
  groupPrefix: usize; // [K + 1] f64: tail mass before a group
  candidateSlots: usize; // [blocks * BLOCK_SLOTS + SLACK] i32
  candidateKeys: usize; // [blocks * BLOCK_SLOTS + SLACK] i32
  candidateCounts: usize; // [blocks * BLOCK_SLOTS + SLACK] i32
  headBuckets: usize; // [B + SLACK] i32: ascending
  headSlots: usize; // [B + SLACK] i32: ascending
  headPositions: usize; // [head + SLACK] i32
  headScores: usize; // [head + SLACK] f32
  headPrefix: usize; // [head + SLACK + 1] f64
  drawPositions: usize; // [draws + SLACK] i32
  random: usize; // [12] u32: then a key of 16 bytes and a counter of 16: src/answers/full-scan.ts
  prefixSums: usize; // [12] f32: four zeros, eight sums
  drawScores: usize; // [draws + SLACK] f32
  drawLogQ: usize; // [draws] f64
  drawFactors: usize; // [draws] f64: 1 / share of the drawn class
  fineTables: usize; // [fineCount, FINE_CODEWORDS] u8: scan/tables.ts
  fineSums: usize; // [CODE_BLOCK] i16 if fine: sums of table entries of a block of rows: scan/codes.ts
  queueScores: usize; // [paddedK] f32 if fine: groups yet to be scanned
  queueGroups: usize; // [paddedK] i32 if fine
  reservoirPositions: usize; // [reservoir] i32 if fine: candidates for the exact scores
  reservoirKeys: usize; // [reservoir] i32 if fine: order of their approximate scores
  codeMasses: usize; // [N + CODE_BLOCK] f32 if fine: masses of the tail by fine codes: scan/proposal.ts, as the next
  codePrefix: usize; // [ceil(N / MASS_BLOCK) + 1] f64 if fine: mass before a block
  keys: usize; // [k + 1] f64: sampling without replacement
  topIds: usize; // [k + 1 + SLACK] i32
  topScores: usize; // [k + 1 + SLACK] f32
  search: usize; // [1] Search: the state of the last query
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
  seed: u64; // of the clocks, of which the largest keyCount keys are kept: whole/clocks.ts, as the next three
  keyCount: f64;
  isExact: f64; // 1 where the clocks are the softmax's own, 0 where the proposal's
  logTime: f64; // log of the time up to which the tail's clocks have been heard: Infinity once all keys are there
}
