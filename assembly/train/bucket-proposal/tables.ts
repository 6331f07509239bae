import {
  BUCKETS_BIASES, BUCKETS_BYTES, BUCKETS_CELLS, BUCKETS_DRAW_IDS, BUCKETS_DRAW_LOG_Q, BUCKETS_EXCLUDED_IDS,
  BUCKETS_NUMBERS, BUCKETS_PANELS_1, BUCKETS_PANELS_2, BUCKETS_QUERY, PANEL_LINE_BYTES, PANEL_WIDTH,
} from "../../../src/train/abi";

// The proposal of plain MIDX for a training: Q(i) = e^(s1[k1] + s2[k2] + bias_i) / S, where k1 and k2 are the codewords of
// class i, and s1 and s2 their inner products with the query ("pq": with its halves). A bucket is a cell in row k1 and
// column k2. A row is cut into blocks of 64 columns, a block into four quarters, a quarter into four vectors:
//
//    row k1    | quarter 0           | quarter 1           | quarter 2           | quarter 3           | next block …
//    lane of   | 0123 0123 0123 0123 | 4567 4567 4567 4567 | 8 …                 | 12 …                |
//    a column
//
// laneSums has of every row the sums over each of its 16 lanes, which are what the registers end with. A draw looks for its
// row among the sums of rows, for its lane among 16 sums, for its cell among the columns of the lane, one cache line a
// block, and takes its class from the alias table of that bucket.

export const LANES: i32 = 16;
export const BLOCK_BITS: i32 = 6;
/** Bytes of the f32 of a quarter, and of a block. */
export const QUARTER_BYTES: usize = 64;
export const BLOCK_BYTES: usize = 256;

/** Bytes of an entry of an alias table. */
export const ENTRY_BYTES: usize = 12;

/** An alias table has an entry a class: the class itself with probability `height`, else another of its bucket. */
@unmanaged
export class Entry {
  height: u32; // of 2^32
  id: i32;
  alias: i32;
}

/** A bucket with excluded classes: its weights without exclusion, and what is left. */
@unmanaged
export class Touched {
  cell: i32;
  start: i32; // in leftIds and leftSums
  count: i32;
  weight: f32;
  logWeight: f32;
}

/** K codewords, C cells, N classes. The tables of the classes, and what a query writes. */
@unmanaged
export class Buckets {
  logTotal: f64; // log S
  total: f64; // S in the unit of the row sums
  queryHash: u64;
  itemCount: i32; // N
  codewordCount: i32; // K
  rowCount: i32; // K, but at least 2
  columnBits: i32; // of the columns of a row, K, but at least a block; C = rowCount << columnBits
  dim: i32;
  dim1: i32; // values of a codeword of the first codebook
  dim2: i32;
  excludedCount: i32;
  touchedCount: i32;
  masses: usize; // [C] f32, over rowScales and secondWeights: weights, or cellMasses
  panels1: usize; // of the first codebook: ../panels.ts
  panels2: usize;
  cells: usize; // [N] i32: the cell of a class
  biases: usize; // [N] f32
  starts: usize; // [C + 1] i32: entries of a bucket
  entries: usize; // [N] Entry, by cell
  weights: usize; // [C] f32: w, the sum of e^bias of a bucket, over the largest of its row
  logWeights: usize; // [C] f32: log w; -Infinity without classes
  rowLogWeights: usize; // [columns] f32: the largest of a row
  excludedIds: usize; // [N] i32
  excluded: usize; // [N] u8: 1 for those
  touchedAt: usize; // [C] i32: number of a bucket in touched, or -1
  touched: usize; // [min(N, C)] Touched
  leftIds: usize; // [N] i32: classes of touched buckets that are not excluded
  leftSums: usize; // [N] f64: running sums of their masses, bucket by bucket
  query: usize; // [dim] f32
  subScores1: usize; // [columns] f32
  subScores2: usize; // [columns] f32
  rowScales: usize; // [columns] f32
  secondWeights: usize; // [columns] f32
  laneSums: usize; // [rowCount, LANES] f32
  rowPrefix: usize; // [rowCount] f64: sums of the rows before
  cellMasses: usize; // [C] f32
  lanePrefix: usize; // [4 + LANES] f32, the first four 0
  numbers: usize; // [draws, 4] u32, random
  drawCells: usize; // [draws] i32
  drawIds: usize; // [draws] i32
  drawLogQ: usize; // [draws] f64
}

/**
 * Plans the tables at `buckets`, with room for `draws` draws a call, from `base` on, 16-aligned; returns where they end.
 * Nothing but `buckets` itself is written: the memory may end before.
 */
export function planBuckets(
  buckets: usize, base: usize, itemCount: i32, bits: i32, dim: i32, dim1: i32, dim2: i32, draws: i32,
): usize {
  const b = changetype<Buckets>(buckets);
  memory.fill(buckets, 0, offsetof<Buckets>());
  b.itemCount = itemCount;
  b.codewordCount = 1 << bits;
  b.rowCount = max(b.codewordCount, 2);
  b.columnBits = max(bits, BLOCK_BITS);
  b.dim = dim;
  b.dim1 = dim1;
  b.dim2 = dim2;
  const columns = 1 << b.columnBits, cellCount = b.rowCount << b.columnBits;
  const panels = (b.codewordCount + PANEL_WIDTH - 1) / PANEL_WIDTH;
  top = base;
  b.panels1 = take(panels * (dim1 + 1), PANEL_LINE_BYTES);
  b.panels2 = take(panels * (dim2 + 1), PANEL_LINE_BYTES);
  b.cells = take(itemCount, 4);
  b.biases = take(itemCount, 4);
  b.starts = take(cellCount + 1, 4);
  b.entries = take(itemCount, <i32>ENTRY_BYTES);
  b.weights = take(cellCount, 4);
  b.logWeights = take(cellCount, 4);
  b.rowLogWeights = take(columns, 4);
  b.excludedIds = take(itemCount, 4);
  b.excluded = take(itemCount, 1);
  b.touchedAt = take(cellCount, 4);
  b.touched = take(min(itemCount, cellCount), offsetof<Touched>());
  b.leftIds = take(itemCount, 4);
  b.leftSums = take(itemCount, 8);
  b.query = take(dim, 4);
  b.subScores1 = take(columns, 4);
  b.subScores2 = take(columns, 4);
  b.rowScales = take(columns, 4);
  b.secondWeights = take(columns, 4);
  b.laneSums = take(b.rowCount * LANES, 4);
  b.rowPrefix = take(b.rowCount, 8);
  b.cellMasses = take(cellCount, 4);
  b.lanePrefix = take(4 + LANES, 4);
  b.numbers = take(draws, 16);
  b.drawCells = take(draws, 4);
  b.drawIds = take(draws, 4);
  b.drawLogQ = take(draws, 8);
  return top;
}

/** Cells of a row: that of a class is k1 * columns + k2. */
export function columnCount(buckets: usize): i32 {
  return 1 << changetype<Buckets>(buckets).columnBits;
}

let top: usize = 0;

function take(count: i32, bytes: i32): usize {
  const address = top;
  top += (<usize>count * <usize>bytes + 15) & ~15;
  return address;
}

if (offsetof<Buckets>("panels1") != BUCKETS_PANELS_1) ERROR("src/train/abi.ts: BUCKETS_PANELS_1");
if (offsetof<Buckets>("panels2") != BUCKETS_PANELS_2) ERROR("src/train/abi.ts: BUCKETS_PANELS_2");
if (offsetof<Buckets>("cells") != BUCKETS_CELLS) ERROR("src/train/abi.ts: BUCKETS_CELLS");
if (offsetof<Buckets>("biases") != BUCKETS_BIASES) ERROR("src/train/abi.ts: BUCKETS_BIASES");
if (offsetof<Buckets>("excludedIds") != BUCKETS_EXCLUDED_IDS) ERROR("src/train/abi.ts: BUCKETS_EXCLUDED_IDS");
if (offsetof<Buckets>("query") != BUCKETS_QUERY) ERROR("src/train/abi.ts: BUCKETS_QUERY");
if (offsetof<Buckets>("numbers") != BUCKETS_NUMBERS) ERROR("src/train/abi.ts: BUCKETS_NUMBERS");
if (offsetof<Buckets>("drawIds") != BUCKETS_DRAW_IDS) ERROR("src/train/abi.ts: BUCKETS_DRAW_IDS");
if (offsetof<Buckets>("drawLogQ") != BUCKETS_DRAW_LOG_Q) ERROR("src/train/abi.ts: BUCKETS_DRAW_LOG_Q");
if (offsetof<Buckets>() != BUCKETS_BYTES) ERROR("src/train/abi.ts: BUCKETS_BYTES");
