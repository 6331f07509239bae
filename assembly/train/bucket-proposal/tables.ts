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

/** K codewords, C cells, N classes. The tables of the classes, and what a query writes: src/train/samplers/midx/bucket-tables.ts plans them. */
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
  masses: usize; // weights, or cellMasses, over rowScales and secondWeights
  panels1: usize; // [panels, dim1 + 1, PANEL_LINE_BYTES] u8: the first codebook (../panels.ts)
  panels2: usize; // [panels, dim2 + 1, PANEL_LINE_BYTES] u8: the second
  cells: usize; // [N] i32: the cell of a class
  biases: usize; // [N] f32
  starts: usize; // [C + 1] i32: entries of a bucket
  entries: usize; // [N] Entry: by cell
  weights: usize; // [C] f32: w, the sum of e^bias of a bucket, over the largest of its row
  logWeights: usize; // [C] f32: log w; -Infinity without classes
  rowLogWeights: usize; // [columns] f32: the largest of a row
  excludedIds: usize; // [N] i32
  excluded: usize; // [N] u8: 1 for those
  touchedAt: usize; // [C] i32: number of a bucket in touched, or -1
  touched: usize; // [Math.min(N, C)] Touched
  leftIds: usize; // [N] i32: classes of touched buckets that are not excluded
  leftSums: usize; // [N] f64: running sums of their masses, bucket by bucket
  query: usize; // [dim] f32
  subScores1: usize; // [columns] f32
  subScores2: usize; // [columns] f32
  rowScales: usize; // [columns] f32
  secondWeights: usize; // [columns] f32
  laneSums: usize; // [rows, ROW_LANES] f32
  rowPrefix: usize; // [rows] f64: sums of the rows before
  cellMasses: usize; // [C] f32
  lanePrefix: usize; // [4 + ROW_LANES] f32: the first four 0
  numbers: usize; // [draws, 4] u32: random
  drawCells: usize; // [draws] i32
  drawIds: usize; // [draws] i32
  drawLogQ: usize; // [draws] f64
}
