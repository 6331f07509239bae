// The structs of the fitting kernels. N is the number of classes. A query is a column of `width` queries, and a
// codeword one of 2^bits.

/** The classes that codebooks are fitted for. */
@unmanaged
export class Classes {
  rows: usize; // f32 (N, dim)
  biases: usize; // f32 (N)
  dim: i32;
}

/** The classes by bucket, under the codes that they have now. */
@unmanaged
export class Lists {
  bucketCount: i32;
  bits: i32;
  codes: usize; // i32 (bucketCount): k1·2^bits + k2, ascending
  offsets: usize; // i32 (bucketCount + 1): first index in ids
  ids: usize; // i32 (N): the classes by bucket
  weights: usize; // f64 (bucketCount): w_b / the largest w_b
  logDensities: usize; // f32 (bucketCount): log w_b − log n_b
  flags: usize; // u8 (bucketCount): 1 in the head that chooseHead chose last
  bucketOf: usize; // i32 (N): the bucket of the class
  codes1: usize; // u16 (N): codewords of the class in the first codebook
  codes2: usize; // u16 (N)
}

/** A table for each codebook, (2^bits, width): of f32 if it holds scores or masses of classes, of f64 otherwise. */
@unmanaged
export class Tables {
  first: usize;
  second: usize;
  width: i32;
}

/** The logits of the queries for a block of classes. */
@unmanaged
export class Logits {
  values: usize; // f32 (count, width), width a multiple of 4
  width: i32;
  first: i32; // the first class of the block
  count: i32;
}

/** The proposal of one query, and its divergence from the softmax. */
@unmanaged
export class Proposal {
  logPartition: f64; // log Z
  logTotal: f64; // log S′
  divergence: f64; // KL(P‖Q), summed so far
  square: f64; // 1 + χ²(P‖Q), summed so far
  logMasses: usize; // f64 (bucketCount): log Q - bias, +∞ in the head
  column: i32; // the column of the query
}

/** Other codes for all classes, and the loss under them. */
@unmanaged
export class Candidate {
  codes1: usize; // u16 (N)
  codes2: usize; // u16 (N)
  losses: usize; // f64 (N)
}

/** The inputs of addMoveLosses that give the gain or the loss of a class by a move. */
@unmanaged
export class Moves {
  logPartitions: usize; // f32 (width): log Z
  logTotals: usize; // f32 (width): log S′
  thresholds: usize; // f32 (width): smallest log mass per class of the head's buckets
  logDensities: usize; // f32 (4^bits): log mass per class without the scores of every pair of codewords, −∞ without classes
  bits: i32;
}
