/**
 * The memory of a block of queries that read rows together. The library puts it behind everything else of an index
 * (src/batch), and fills in the addresses.
 */
@unmanaged
export class QueryBlock {
  layout: usize; // of the index
  queries: usize; // [QUERY_BLOCK, rowValues] f32: the queries, as these kernels read them; set by score-block.ts, as are the next three
  steps: usize; // [2, QUERY_BLOCK] f32: their queryStep and remainderStep
  rows: usize; // [4, WIDE_VALUES] f32: four rows, wider than they are stored
  scores: usize; // [QUERY_BLOCK, BLOCK_SCORES] f32: the scores of a block of rows
  logMasses: usize; // [QUERY_BLOCK] f64: the logarithms of the masses of a block of rows; set by merge-block.ts, as are the next three
  topCounts: usize; // [QUERY_BLOCK] i32: entries of the heaps
  topIds: usize; // [QUERY_BLOCK, BLOCK_TOP] i32: heaps of the best classes
  topScores: usize; // [QUERY_BLOCK, BLOCK_TOP] f32
  searches: usize; // [QUERY_BLOCK] Search: the states of the searches of predictions; set by predictions.ts
}
