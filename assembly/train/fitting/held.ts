// What the kernels of the fitting look at. N classes; a query is a column of `width` of them, a codeword one of 2^bits.

/** The classes that codebooks are fitted for. */
@unmanaged
export class Classes {
  rows: usize; // f32 (N, dim)
  biases: usize; // f32 (N)
  dim: i32;
}

/** The classes by bucket under their codes. */
@unmanaged
export class Lists {
  bucketCount: i32;
  bits: i32;
  codes: usize; // i32 (bucketCount): k1·2^bits + k2, ascending
  offsets: usize; // i32 (bucketCount + 1) into ids
  ids: usize; // i32 (N): the classes by bucket
  weights: usize; // f64 (bucketCount): w_b over the largest of them
  logDensities: usize; // f32 (bucketCount): log w_b − log n_b
  flags: usize; // u8 (bucketCount): 1 in the head that was chosen last
  bucketOf: usize; // i32 (N): the bucket of a class
  codes1: usize; // u16 (N): the codewords of a class
  codes2: usize; // u16 (N)
}

/** A table for either codebook, (2^bits, width): f32 where it holds scores or masses of classes, f64 otherwise. */
@unmanaged
export class Tables {
  first: usize;
  second: usize;
  width: i32;
}

/** Logits of the queries with a block of classes. */
@unmanaged
export class Logits {
  values: usize; // f32 (count, width), width a multiple of 4
  width: i32;
  first: i32; // class
  count: i32;
}

/** The proposal of one query, and how far the softmax is from it. */
@unmanaged
export class Proposal {
  logPartition: f64; // log Z
  logTotal: f64; // log S′
  divergence: f64; // the terms of KL(P‖Q) so far
  square: f64; // those of 1 + χ²(P‖Q)
  logMasses: usize; // f64 (bucketCount): log Q less the bias, +∞ in the head
  column: i32; // of the query
}

/** Other codes of all classes, and what they lose by them. */
@unmanaged
export class Candidate {
  codes1: usize; // u16 (N)
  codes2: usize; // u16 (N)
  losses: usize; // f64 (N)
}

/** What the moves of classes are judged by. */
@unmanaged
export class Moves {
  logPartitions: usize; // f32 (width): log Z
  logTotals: usize; // f32 (width): log S′
  thresholds: usize; // f32 (width): least log mass per class of the head's buckets
  logDensities: usize; // f32 (4^bits): of every pair of codewords, −∞ without classes
  bits: i32;
}
