/** The largest signed number of 16 bits. Levels of codeErrors and codeBiases range from 0 to it. */
export const CODE_LEVELS: f64 = 32767;

/**
 * The addresses and sizes of everything that belongs to one index and one query: the single argument of the composed
 * kernels. N is the number of classes, K of codewords, B of non-empty buckets. The last outlierCount classes lie in no
 * bucket. src/memory/opened-index.ts writes the fields once after load, and src/memory/conditions.ts those that depend on
 * temperature and filter. Kernels only read them, except for the bounds that measureResiduals and measureCodeErrors set.
 *
 * A comment that begins with a shape is read by scripts/kernels/structs.ts.
 */
@unmanaged
export class Layout {
  itemCount: i32; // N
  dim: i32; // D
  bits: i32; // K = 2^bits
  codewordCount: i32; // K
  bucketCount: i32; // B
  outlierCount: i32; // classes behind the last bucket, which are in none
  idCount: i32; // number of ids: N, and with changes those of superseded, removed and added classes
  blockCount: i32; // blocks of slots (masses.ts)
  weightSlots: i32; // slots of all tables of weights (src/memory/weight-tables.ts)
  rowType: i32; // ROWS_…
  rowBytes: i32; // bytes of a stored row, padding included
  codewordBytes1: i32; // bytes of a codeword of the first codebook, padding included
  codewordBytes2: i32; // the same for the second codebook
  dim1: i32; // number of query values that the first codebook sees
  isCosine: i32;
  inverseTemperature: f32; // 1 / T
  knotLow: f32; // 1 / T of the knot below, from which weights are interpolated (exact/weights.ts)
  knotHigh: f32; // and of the knot above
  lowPart: f32; // the part of the knot below in log w_b
  highPart: f32; // and of the knot above; 0 if log w_b is that of the knot below
  shareScale: f32; // 1 / T of the shares in `shares`
  shareStamp: u32; // marks the shares of this table: even, and one more where their guides are in place, too
  highShareScale: f32; // the same for `highShares`
  highShareStamp: u32;
  highSharePart: u32; // the part of highShares in the shares, in units of 2^-32; 0 if they are those of `shares` alone
  mixedSharePart: u32; // the same where `shares` has the mean itself, because only one table is kept
  placesGuides: u32; // 1 if shares get guides: not for the first query with a new table, which seldom draws enough to need them
  normBound: f32; // upper bound: largest norms of codewords and rows, summed; set by exact/residuals.ts
  biasBound: f32; // largest |bias|
  errorBound: f32; // the norm that level CODE_LEVELS of codeErrors stands for; set by exact/code-errors.ts, as are the next two
  biasLeast: f32; // smallest bias
  biasRange: f32; // upper bound: largest bias - biasLeast
  rowBound: f32; // upper bound: largest norm of a row; set by exact/residuals.ts
  allowedCount: i32; // number of classes that are not excluded
  changedCount: i32; // of the excluded classes, those that are in every head with a changed logit (changed.ts)
  allowedOutliers: i32; // number of outliers that are not excluded
  addedOutliers: i32; // of these, the rows that changes added, which do not count towards scan (src/changes)
  largestDispersion: f32; // 0 without dispersions; set by exact/buckets.ts, as is the next
  residualReach: f32; // √(2 log N): hardly any residual logit is more standard deviations above its bucket's
  evenShare: f32; // the variance of residuals in a direction that is orthogonal to dispersionDirections, over their mean variance
  fineCount: i32; // number of sub-quantizers of the fine codes, even; 0 without fine codes
  codebook1: usize; // in the file: [K, codewordBytes1] f32, codebook C1
  codebook2: usize; // in the file: [K, codewordBytes2] f32, codebook C2
  bucketCodes: usize; // in the file: [B] i32: k1 * K + k2, ascending
  bucketOffsets: usize; // in the file: [B + 1] i32: first position of a bucket; at last that of the first outlier, or N
  ids: usize; // in the file: [N] i32: id of the class at a position
  rows: usize; // in the file: [N, rowBytes] in bucket order
  rowScales: usize; // in the file: [N] f32, int8 rows only
  residualRows: usize; // in the file: [N, rowBytes] i8: what int8 rows lack, in units of 1 / 254 of their codes'; address 0 without residuals
  bias: usize; // in the file: [N] f32; address 0 without biases
  fineCodebooks: usize; // in the file: [fineCount, FINE_DIMS, 16] f32; address 0 without fine codes
  fineCodes: usize; // in the file: [N / 32, fineCount, 16] u8, drawn in scan/codes.ts
  dispersionBuckets: usize; // in the file: [B] f32: mean squared residual of a bucket; address 0 without dispersion
  dispersionDirections: usize; // in the file: [DISPERSION_DIRECTIONS, codewordBytes1] f32: directions in which residuals vary more, by the root of their excess variance; address 0 without dispersion
  positions: usize; // [N] i32: position of the class with an id
  excluded: usize; // [ceil(N / 8)] u8: a bit for each position, lowest first; address 0 without excluded classes
  thinned: usize; // the bitmap in `allowed` while classes outside of it keep their weight and are left out where they are met (src/answers/thinning.ts); otherwise address 0
  thinnedBits: usize; // the same for a list of excluded classes: `allowed` with a bit for each position, lowest first, set where the class is left out
  changedIds: usize; // [changed] i32: ids of the classes with a changed logit; set by src/memory/changed-logits.ts, as are the next three
  changedBiases: usize; // [changed] f32: the biases added to their logits
  changedCounts: usize; // [changed] i32: how often the history has them
  penalties: usize; // [3] f64: the repetition, presence and frequency penalties
  changedSlots: usize; // [changedSlots] i32: a hash table, with the place of a class in changedIds plus 1, or 0; set by scoreChanged, as are the next two
  changedPositions: usize; // [changed + SLACK] i32: their positions
  changedScores: usize; // [changed + SLACK] f32: their changed logits
  taken: usize; // [filterBytes] u8: a bit for each position, lowest first: its clock has rung, or its bucket is in the head (scan/extend.ts); all 0 between calls
  filterBits: usize; // [filters, filterBytes] u8: bits by position, of the filters to which weights, counts and shares belong
  allowed: usize; // [filterBytes] u8: a bit for each class, lowest first: a bitmap of a call; or its thinnedBits
  shareStamps: usize; // [shareTables, B] u32: shareStamp of the shares of the bucket (shares.ts), 0 if they have to be made
  shares: usize; // [shareTables, N] u32: where the share of the class starts in its bucket, in units of 2^-31
  shareGuides: usize; // [shareTables, ceil(N / GUIDE_STEP)] i32: guides into the shares, one for every 16 classes of a bucket
  mixedShares: usize; // [mixed] u32: shares of a bucket at highShareScale, from which the mean is made where only one table is kept
  highShareStamps: usize; // shareStamps of the knot above, between two knots; the next two are its shares and guides
  highShares: usize;
  highShareGuides: usize;
  bucketSlots: usize; // [B] i32: slot of the bucket
  topPositions: usize; // [B] i32: position of the class with the largest bias of the bucket
  groupLogWeights: usize; // [weightTables, paddedK] f32: largest log w_b of the group
  groupBlocks: usize; // [K + 1] i32: first block of the group
  groupBuckets: usize; // [K + 1] i32: first bucket of the group
  bucketLogWeights: usize; // [weightTables, paddedB] f32: log w_b, the smallest f32 for a bucket whose classes are all excluded
  blockColumns: usize; // [blocks, BLOCK_QUADS] u8: k2 / 4 of the quad
  knots: usize; // [knotTables, B] f32: log w_b of all classes at a knot (src/memory/knot-tables.ts)
  portions: usize; // [portionTables, N] f32: the part of the class in the weight of its bucket at a knot (src/memory/knot-tables.ts)
  slotWeights: usize; // [weightTables, blocks, BLOCK_SLOTS] f32: w_b / the group's largest, 0 in an empty slot
  slotRates: usize; // [blocks, BLOCK_SLOTS] f32: 1 / number of classes, 0 in an empty slot
  fewRates: usize; // [FEW + 1, 2] f32: 1 / n and -log n of up to FEW classes, 0 for none
  slotCounts: usize; // [blocks, BLOCK_SLOTS] i32: number of classes that are not excluded
  slotBuckets: usize; // [blocks, BLOCK_SLOTS] i32: bucket, -1 in an empty slot
  slotLogWeights: usize; // [blocks, BLOCK_SLOTS] f32: the bucketLogWeights that placeLogWeights put here, the smallest f32 in an empty slot
  slotLogRates: usize; // [blocks, BLOCK_SLOTS] f32: log of slotRates, 0 in an empty slot
  slotRadii: usize; // [blocks, BLOCK_SLOTS] f32: largest of residualNorms, 0 until measureResiduals
  slotTops: usize; // [blocks, BLOCK_SLOTS] f32: largest bias
  residualNorms: usize; // [N + SLACK] f32: upper bound of the norm of (row - codewords)
  groupStarts: usize; // [K + 1] i32 if fine: first position of the group; set by scan/groups.ts, as is the next
  groupTops: usize; // [paddedK] f32 if fine: largest bias of the group, 0 without biases
  codeErrors: usize; // [N + CODE_BLOCK] i16 if fine: upper bound of the norm of (row - decoded fine codes); set by exact/code-errors.ts, as is the next
  codeBiases: usize; // [N + CODE_BLOCK] i16 if fineBias: upper bound of bias - biasLeast
  slotDispersions: usize; // [blocks, BLOCK_SLOTS] f32 if dispersed: dispersion of the bucket, 0 in an empty slot; set by exact/buckets.ts
  query: usize; // [rowValues] f32: zero-padded
  subQuery1: usize; // [codeword1] f32 if halves: the part of the query that the first codebook sees; with "rq" this is the query itself
  subQuery2: usize; // [codeword2] f32 if halves: the part that the second codebook sees
  fixedQuery: usize; // [rowValues] i16: the query in fixed point
  remainder: usize; // [rowValues] i16: the query less fixedQuery, in fixed point of its own; set by exact/remainder.ts
  products1: usize; // [paddedK] f32: query · C1
  subScores1: usize; // [paddedK] f32: query · C1 / T
  subScores2: usize; // [paddedK] f32: query · C2 / T
  secondWeights: usize; // [paddedK] f32: e^(subScores2 - max)
  groupScales: usize; // [paddedK] f32: e^(subScores1 + groupLogWeights - max)
  slotMasses: usize; // [blocks, BLOCK_SLOTS] f32: masses of the buckets; the head's are 0 after sumTail
  slotKeys: usize; // [blocks, BLOCK_SLOTS] i32: a larger key enters the head first; overwritten by tailSpread
  blockMaxima: usize; // [blocks, 4] i32: largest key of each lane
  blockSums: usize; // [blocks + BLOCK_QUADS, 4] f32: sum of each lane
  blockDispersions: usize; // [blocks] f32 if dispersed: the largest of each block; set by exact/buckets.ts
  blockMoments: usize; // [blocks, 4] f32 if dispersed: sum of mass · tilt² of each lane, where tilts are factors of the masses
  groupPrefix: usize; // [K + 1] f64: tail mass before the group
  candidateSlots: usize; // [blocks * BLOCK_SLOTS + SLACK] i32: candidates for the head, or for certified answers
  candidateKeys: usize; // [blocks * BLOCK_SLOTS + SLACK] i32
  candidateCounts: usize; // [blocks * BLOCK_SLOTS + SLACK] i32
  headBuckets: usize; // [B + SLACK] i32: ascending
  headSlots: usize; // [B + SLACK] i32: ascending
  headPositions: usize; // [head + SLACK] i32
  headScores: usize; // [head + SLACK] f32
  headPrefix: usize; // [head + SLACK + 1] f64
  drawPositions: usize; // [draws + SLACK] i32
  directionScores: usize; // [DISPERSION_DIRECTIONS] f32 if dispersed: products of the query with dispersionDirections
  random: usize; // [12] u32: output of Philox, then a key and a counter of 16 bytes each (src/answers/full-scan.ts)
  prefixSums: usize; // [12] f32: four zeros, then eight sums (tail.ts)
  drawScores: usize; // [draws + SLACK] f32
  drawLogQ: usize; // [draws] f64: log Q of a sample's draws; of an estimate's draws, x = e^drawLogQ · drawFactors (weigh-draws.ts)
  drawFactors: usize; // [draws] f64
  fineTables: usize; // [fineCount, FINE_CODEWORDS] u8: look-up tables of the query (scan/tables.ts)
  fineSums: usize; // [CODE_BLOCK] i16 if fine: sums of table entries of the rows of a block (scan/codes.ts)
  queueScores: usize; // [paddedK] f32 if fine: scores of the groups whose codes are still to be scanned; -Infinity for the others
  reservoirPositions: usize; // [reservoir] i32 if fine: candidates for exact scoring
  reservoirKeys: usize; // [reservoir] i32 if fine: their approximate scores as keys (scan/reservoir.ts)
  codeMasses: usize; // [N + CODE_BLOCK] f32 if fine: masses of the tail by fine codes; set by scan/proposal.ts, as is the next
  codePrefix: usize; // [ceil(N / MASS_BLOCK) + 1] f64 if fine: mass before the block
  keys: usize; // [k + 1] f64: keys of sampling without replacement (exact/clocks.ts)
  topIds: usize; // [k + 1 + SLACK] i32
  topScores: usize; // [k + 1 + SLACK] f32
  search: usize; // [1] Search: the state of the last query
}

/** The state of one query. src/answers/estimate.ts reads it when the search is over. */
@unmanaged
export class Search {
  queryHash: u64; // XXH64 of the query's f32 bits
  queryStep: f64; // the value of one unit of fixedQuery
  querySquare: f64; // |z|^2
  querySpread: f64; // D times the variance of a residual's product with the query, over the dispersion; 0 without dispersions
  tiltRate: f64; // times a dispersion it is half the variance of the residual logits over T: the tilt of a bucket, up to MOST_TILT; set by subScores
  tiltPath: f64; // TILT_…: the way in which the tilts of slotMasses were computed
  queryNorm: f64; // upper bound of the query's norm; set by exact/bounds.ts, as are the next three
  slope: f64; // queryNorm / T: times the norm of a residual it bounds the residual logit over T
  slack: f64; // the largest error that rounding adds to a bound over T
  scoreSlack: f64; // the largest error of a score over T
  remainderStep: f64; // the value of one unit of remainder; set by exact/remainder.ts
  candidateCount: f64; // number of slots that survivors has to search
  cursorSlot: f64; // the place at which survivors continues: a candidate slot
  cursorPosition: f64; // and a position in its bucket, or -1 for its first
  massShift: f64; // log of the unit of slotMasses
  tailTotal: f64; // S_T, in units of e^massShift
  headBucketCount: f64; // buckets of the head
  headCount: f64; // classes of the head
  codedCount: f64; // of these, the last, ascending, which came from fine codes and lie in buckets of the tail (coded.ts)
  listedCount: f64; // of these, the first, whose mass is logHead: those with the logits of their rows; behind them are those with changed logits
  headMax: f64; // largest score of the head
  headSum: f64; // Z_H, in units of e^(headMax / T)
  logHead: f64; // log of the mass of the first listedCount
  scored: f64; // rows read
  topCount: f64; // entries of topIds
  refinement: f64; // the most that residuals add to a score for a row scale of 1, if topPush refines scores; otherwise 0 (refine.ts)
  drawCount: f64; // number of tail draws taken; 0 without a tail
  logProposal: f64; // log S', S' = Z_H + S_T
  keptShare: f64; // mean part of the buckets of these draws that a bitmap leaves; set by estimateThinned and pilotThinned, as is the next
  keptSquare: f64; // mean of its square
  logShift: f64; // log of the unit of the five numbers from headMass to tailLargest
  headMass: f64; // Z_H
  tailMass: f64; // S_T
  tailMean: f64; // mean of x = e^score / Q_tail over the draws: estimates the tail's part of Z
  tailSquareMean: f64; // mean of x², in units of e^(2 logShift)
  tailLargest: f64; // largest x
  tailLogSpread: f64; // log of the mean of x² over the squared mean of x, as expected from the dispersions; set by tailSpread
  fineBase: f64; // sum of the smallest products of all fine tables
  fineStep: f64; // the value of one unit of a table entry
  reservoirFloor: f64; // candidates for exact scoring have a larger key
  coded: f64; // number of rows whose fine codes were read
  groupsLeft: f64; // number of groups in the queue whose codes were not read
  negativeSum: f64; // sum of the 7 bits of the negative values of the query; set by quantiseQuery (scan/rows.ts)
  placedWeights: f64; // address of the bucketLogWeights that are in slotLogWeights, 0 once they have changed (masses.ts)
  massPath: f64; // MASS_PATH_…: the way in which slotMasses were computed, if their logarithms show it
  groupShift: f64; // MASS_PATH_FACTORS: largest subScores1 + groupLogWeights
  secondShift: f64; // MASS_PATH_FACTORS: largest of subScores2
  seed: u64; // seed of the clocks; set by exact/clocks.ts, as are the next three
  keyCount: f64; // number of keys kept, the largest
  isExact: f64; // 1 if the clocks follow the softmax, 0 if they follow the proposal
  logTime: f64; // log of the time up to which the tail's arrivals are known; Infinity once all keys are found
}
