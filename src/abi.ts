// The integers both sides of the memory share. Compiled by tsc and by asc: `export const` integers only.

/** Row encodings. */
export const ROWS_F32 = 0;
export const ROWS_F16 = 1;
export const ROWS_I8 = 2;

/** Slots are visited in blocks of 32 (eight v128); a group (the buckets of one first codeword) is padded to whole blocks. */
export const BLOCK_SLOTS = 32;
export const BLOCK_QUADS = 8;

/** Fine codes: rows of a block, codewords of a sub-quantizer, and the values of a row that each of these sees. */
export const CODE_BLOCK = 32;
export const FINE_CODEWORDS = 16;
export const FINE_DIMS = 2;

/** Masses of the tail by fine codes that one sum is kept of. */
export const MASS_BLOCK = 256;

/** A bucket is shared out among its classes in units of 2^-SHARE_BITS. */
export const SHARE_BITS = 31;

/** Classes of a bucket per guide into its shares. */
export const GUIDE_STEP = 16;

/** Third counter word of a random number: what it is for. */
export const PURPOSE_TAIL = 1;
export const PURPOSE_SAMPLE = 2;
export const PURPOSE_EXACT = 3;
export const PURPOSE_CLOCK = 4;
export const PURPOSE_STREAM = 5;

/**
 * How log masses have to be taken to agree with the masses that draws are made by. Where logits are within
 * 2^COARSE_EXPONENT the rounding of either road is nothing beside them, and they are sums in f64.
 */
export const ROAD_FINE = 0;
export const ROAD_FACTORS = 1;
export const ROAD_LOGS = 2;
export const COARSE_EXPONENT = 12;

/** Magnitudes above 2^LIMIT_EXPONENT are refused in files and queries. */
export const LIMIT_EXPONENT = 40;

/** Values of score buffers beyond their count: scores are written four at a time. */
export const SLACK = 4;

/** Codewords that stand side by side in a panel: two SIMD registers (assembly/train/panels.ts). */
export const PANEL_WIDTH = 8;
/** Bytes of one line of a panel: PANEL_WIDTH f32. */
export const PANEL_LINE_BYTES = 32;

/** The cells of a row stand in blocks of 2^ROW_BLOCK_BITS columns, over ROW_LANES lanes (assembly/train/bucket-proposal/tables.ts). */
export const ROW_LANES = 16;
export const ROW_BLOCK_BITS = 6;
