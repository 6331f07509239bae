// The proposal of plain MIDX for training (docs/method.md, section 2): Q(i) = e^(s1[k1] + s2[k2] + bias_i) / S, where
// k1 and k2 are the codewords of class i, and s1 and s2 their inner products with the query ("pq": with its halves). A
// bucket is a cell in row k1 and column k2. A row is cut into blocks of 64 columns, a block into four quarters, and a
// quarter into four vectors:
//
//    row k1    | quarter 0           | quarter 1           | quarter 2           | quarter 3           | next block …
//    lane of   | 0123 0123 0123 0123 | 4567 4567 4567 4567 | 8 …                 | 12 …                |
//    a column
//
// laneSums holds the sums over each of the 16 lanes of every row, which are the sums that the registers end with. A
// draw finds its row among the sums of rows, its lane among 16 sums, its cell among the columns of the lane (one cache
// line for each block), and its class by the alias table of the bucket.

/** The bytes of the f32 values of a quarter, and of a block. */
export const QUARTER_BYTES: usize = 64;
export const BLOCK_BYTES: usize = 256;

/** The bytes of an entry of an alias table. */
export const ENTRY_BYTES: usize = 12;

/**
 * An alias table has an entry for each class: it stands for the class itself with probability `height`, and for another
 * class of the bucket otherwise.
 */
@unmanaged
export class Entry {
  height: u32; // in units of 2^-32
  id: i32;
  alias: i32;
}

/** A bucket with excluded classes: its weights without the exclusion, and the classes that are left. */
@unmanaged
export class Touched {
  cell: i32;
  start: i32; // first entry in leftIds and leftSums
  count: i32;
  weight: f32;
  logWeight: f32;
}

/**
 * The tables of K codewords, C cells and N classes, and the results of a query.
 * src/train/samplers/midx/bucket-tables.ts plans their memory.
 */
@unmanaged
export class Buckets {
  logTotal: f64; // log S
  total: f64; // S in the unit of rowPrefix
  queryHash: u64;
  itemCount: i32; // N
  codewordCount: i32; // K
  rowCount: i32; // K, but at least 2
  columnBits: i32; // log2 of the columns of a row: K, but at least a block; C = rowCount << columnBits
  dim: i32;
  dim1: i32; // number of values of a codeword of the first codebook
  dim2: i32;
  excludedCount: i32;
  touchedCount: i32;
  masses: usize; // weights, or cellMasses: times rowScales and secondWeights they are the masses
  panels1: usize; // [panels, dim1 + 1, PANEL_LINE_BYTES] u8: the first codebook (../panels.ts)
  panels2: usize; // [panels, dim2 + 1, PANEL_LINE_BYTES] u8: the second
  cells: usize; // [N] i32: the cell of the class
  biases: usize; // [N] f32
  starts: usize; // [C + 1] i32: first entry of the cell
  entries: usize; // [N] Entry: alias tables, cell by cell
  weights: usize; // [C] f32: w, the sum of e^bias of the cell, over the largest of its row
  logWeights: usize; // [C] f32: log w, -Infinity without classes
  rowLogWeights: usize; // [columns] f32: largest log w of the row
  excludedIds: usize; // [N] i32
  excluded: usize; // [N] u8: 1 for an excluded class
  touchedAt: usize; // [C] i32: index of the cell in `touched`, or -1
  touched: usize; // [Math.min(N, C)] Touched
  leftIds: usize; // [N] i32: classes of touched buckets that are not excluded
  leftSums: usize; // [N] f64: prefix sums of their masses, bucket by bucket
  query: usize; // [dim] f32
  subScores1: usize; // [columns] f32
  subScores2: usize; // [columns] f32
  rowScales: usize; // [columns] f32
  secondWeights: usize; // [columns] f32
  laneSums: usize; // [rows, ROW_LANES] f32
  rowPrefix: usize; // [rows] f64: sum of all rows before the row
  cellMasses: usize; // [C] f32
  lanePrefix: usize; // [4 + ROW_LANES] f32: four zeros, then prefix sums of the lanes
  numbers: usize; // [draws, 4] u32: random words
  drawCells: usize; // [draws] i32
  drawIds: usize; // [draws] i32
  drawLogQ: usize; // [draws] f64
}
