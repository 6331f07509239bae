// Integers that TypeScript and the kernels share. Both tsc and asc compile this file, so it may only contain
// `export const` integers.

/** Row types, as the kernels number them. */
export const ROWS_F32 = 0;
export const ROWS_F16 = 1;
export const ROWS_I8 = 2;

/**
 * Slots stand in blocks of 32, which is eight v128. A group, the buckets of one first codeword, is padded to whole
 * blocks.
 */
export const BLOCK_SLOTS = 32;
export const BLOCK_QUADS = 8;

/** Fine codes: rows of a block, codewords of a sub-quantizer, and values of a row that a sub-quantizer sees. */
export const CODE_BLOCK = 32;
export const FINE_CODEWORDS = 16;
export const FINE_DIMS = 2;

/** The number of tail masses by fine codes in a block that has a prefix sum. */
export const MASS_BLOCK = 256;

/** The number of directions in which the file says that residuals vary more than in others. */
export const DISPERSION_DIRECTIONS = 16;

/** The largest tilt of a bucket, as a logarithm. In a wider bucket a few classes hold the mass, and no tilt finds them. */
export const MOST_TILT = 4;

/**
 * The largest head, with the classes that are not left in it, and the most draws of a search that a bitmap thins out
 * (src/answers/thinning.ts).
 */
export const LARGEST_THINNED = 65536;
export const MOST_THINNED_DRAWS = 8192;

/** From a bucket with more classes, a draw under a bitmap takes any class, whether it is left or not. */
export const LARGE_BUCKET = 128;

/** The largest number of classes that enter a head by their fine codes. */
export const HEAD_CODES = 100;

/** Shares of a bucket are integers in units of 2^-SHARE_BITS. */
export const SHARE_BITS = 31;

/** The number of classes of a bucket for each guide into its shares. */
export const GUIDE_STEP = 16;

/** Buckets of up to this many classes, which most are, have their rates in a table. */
export const FEW = 32;

/** Purposes of random numbers: the third word of the counter. */
export const PURPOSE_TAIL = 1;
export const PURPOSE_SAMPLE = 2;
export const PURPOSE_EXACT = 3;
export const PURPOSE_CLOCK = 4;
export const PURPOSE_STREAM = 5;
export const PURPOSE_DECODE = 7;
export const PURPOSE_MIXTURE = 8;
/** For the parts of an index (src/parts): the choice of the part of a draw, and the times between exact draws. */
export const PURPOSE_PART = 9;
export const PURPOSE_ARRIVAL = 10;

/**
 * The paths by which slotMasses are computed, and so the way in which the logarithm of a mass must be computed to agree
 * with the mass that draws are made with: as a sum in f64, from the factors in f32, or from logarithms in f32. Where
 * logits are within 2^COARSE_EXPONENT the rounding to f32 is negligible, and the sum in f64 is right for both.
 */
export const MASS_PATH_F64 = 0;
export const MASS_PATH_FACTORS = 1;
export const MASS_PATH_LOGS = 2;
export const COARSE_EXPONENT = 12;

/**
 * The ways in which the tilts of buckets (assembly/tilt.ts) are part of slotMasses: not at all, as factors, or as
 * logarithms. The logarithm of a mass must be computed to agree.
 */
export const TILT_NONE = 0;
export const TILT_FACTORS = 1;
export const TILT_LOGS = 2;

/** Files and queries with magnitudes above 2^LIMIT_EXPONENT are refused. */
export const LIMIT_EXPONENT = 40;

/** The most queries of a batch that read rows together: a multiple of four. */
export const QUERY_BLOCK = 16;

/** The most of the best classes that each of these queries collects. Queries that want more read the rows alone. */
export const BLOCK_TOP = 256;

/**
 * The distances, in values, between the scores of two queries of a block, and between two rows that are made wider for it:
 * the 1,024 rows of a block (src/answers/row-blocks.ts) or the longest row, and 16 more, because lines of the cache at a multiple of 4 KiB push each other out.
 */
export const BLOCK_SCORES = 1040;
export const WIDE_VALUES = 4112;

/** Extra values behind score buffers: scores are written four at a time. */
export const SLACK = 4;

/** The number of codewords side by side in a panel: two SIMD registers (assembly/train/panels.ts, assembly/encoder/products.ts). */
export const PANEL_WIDTH = 8;
/** The bytes of a line of a panel: PANEL_WIDTH f32 values. */
export const PANEL_LINE_BYTES = 32;
/** The positions whose keys attention packs together, so that their panels stay in the cache (assembly/encoder/attention.ts). */
export const KEY_BLOCK = 32;
/** Dropout decides by random numbers of 16 bits. With as many values kept, none is dropped (assembly/train/model/dropout.ts). */
export const ALL_KEPT = 65536;

/**
 * Cells of a row stand in blocks of 2^ROW_BLOCK_BITS columns, over ROW_LANES lanes
 * (assembly/train/bucket-proposal/tables.ts).
 */
export const ROW_LANES = 16;
export const ROW_BLOCK_BITS = 6;
