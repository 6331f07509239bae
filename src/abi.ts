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

// Layout: one 4-byte field each, in the order of the class Layout (assembly/layout.ts, which checks the offsets).
export const LAYOUT_ITEM_COUNT = 0;
export const LAYOUT_DIM = 4;
export const LAYOUT_BITS = 8;
export const LAYOUT_CODEWORD_COUNT = 12;
export const LAYOUT_BUCKET_COUNT = 16;
export const LAYOUT_BLOCK_COUNT = 20;
export const LAYOUT_ROW_KIND = 24;
export const LAYOUT_ROW_BYTES = 28;
export const LAYOUT_CODEWORD_BYTES_1 = 32;
export const LAYOUT_CODEWORD_BYTES_2 = 36;
export const LAYOUT_DIM_1 = 40;
export const LAYOUT_IS_COSINE = 44;
export const LAYOUT_INVERSE_TEMPERATURE = 48;
export const LAYOUT_NORM_BOUND = 52;
export const LAYOUT_BIAS_BOUND = 56;
export const LAYOUT_ERROR_BOUND = 60;
export const LAYOUT_BIAS_LEAST = 64;
export const LAYOUT_BIAS_RANGE = 68;
export const LAYOUT_ROW_BOUND = 72;
export const LAYOUT_ALLOWED_COUNT = 76;
export const LAYOUT_FINE_COUNT = 80;
export const LAYOUT_CODEBOOK_1 = 84;
export const LAYOUT_CODEBOOK_2 = 88;
export const LAYOUT_BUCKET_CODES = 92;
export const LAYOUT_BUCKET_OFFSETS = 96;
export const LAYOUT_IDS = 100;
export const LAYOUT_ROWS = 104;
export const LAYOUT_ROW_SCALES = 108;
export const LAYOUT_BIAS = 112;
export const LAYOUT_FINE_CODEBOOKS = 116;
export const LAYOUT_FINE_CODES = 120;
export const LAYOUT_POSITIONS = 124;
export const LAYOUT_EXCLUDED = 128;
export const LAYOUT_TAKEN = 132;
export const LAYOUT_SHARES = 136;
export const LAYOUT_SHARE_GUIDES = 140;
export const LAYOUT_BUCKET_LOG_WEIGHTS = 144;
export const LAYOUT_BUCKET_SLOTS = 148;
export const LAYOUT_GROUP_LOG_WEIGHTS = 152;
export const LAYOUT_GROUP_BLOCKS = 156;
export const LAYOUT_BLOCK_COLUMNS = 160;
export const LAYOUT_SLOT_WEIGHTS = 164;
export const LAYOUT_SLOT_RATES = 168;
export const LAYOUT_SLOT_COUNTS = 172;
export const LAYOUT_SLOT_BUCKETS = 176;
export const LAYOUT_SLOT_LOG_WEIGHTS = 180;
export const LAYOUT_SLOT_LOG_RATES = 184;
export const LAYOUT_SLOT_RADII = 188;
export const LAYOUT_SLOT_TOPS = 192;
export const LAYOUT_RESIDUAL_NORMS = 196;
export const LAYOUT_GROUP_STARTS = 200;
export const LAYOUT_GROUP_TOPS = 204;
export const LAYOUT_CODE_ERRORS = 208;
export const LAYOUT_CODE_BIASES = 212;
export const LAYOUT_QUERY = 216;
export const LAYOUT_SUB_QUERY_1 = 220;
export const LAYOUT_SUB_QUERY_2 = 224;
export const LAYOUT_FIXED_QUERY = 228;
export const LAYOUT_SUB_SCORES_1 = 232;
export const LAYOUT_SUB_SCORES_2 = 236;
export const LAYOUT_SECOND_WEIGHTS = 240;
export const LAYOUT_GROUP_SCALES = 244;
export const LAYOUT_SLOT_MASSES = 248;
export const LAYOUT_SLOT_KEYS = 252;
export const LAYOUT_BLOCK_MAXIMA = 256;
export const LAYOUT_BLOCK_SUMS = 260;
export const LAYOUT_GROUP_PREFIX = 264;
export const LAYOUT_CANDIDATE_SLOTS = 268;
export const LAYOUT_CANDIDATE_KEYS = 272;
export const LAYOUT_CANDIDATE_COUNTS = 276;
export const LAYOUT_HEAD_BUCKETS = 280;
export const LAYOUT_HEAD_SLOTS = 284;
export const LAYOUT_HEAD_POSITIONS = 288;
export const LAYOUT_HEAD_SCORES = 292;
export const LAYOUT_HEAD_PREFIX = 296;
export const LAYOUT_DRAW_POSITIONS = 300;
export const LAYOUT_RANDOM = 304;
export const LAYOUT_PREFIX_SUMS = 308;
export const LAYOUT_DRAW_SCORES = 312;
export const LAYOUT_DRAW_LOG_Q = 316;
export const LAYOUT_DRAW_FACTORS = 320;
export const LAYOUT_FINE_TABLES = 324;
export const LAYOUT_QUEUE_SCORES = 328;
export const LAYOUT_QUEUE_GROUPS = 332;
export const LAYOUT_RESERVOIR_POSITIONS = 336;
export const LAYOUT_RESERVOIR_KEYS = 340;
export const LAYOUT_CODE_MASSES = 344;
export const LAYOUT_CODE_PREFIX = 348;
export const LAYOUT_KEYS = 352;
export const LAYOUT_TOP_IDS = 356;
export const LAYOUT_TOP_SCORES = 360;
export const LAYOUT_SEARCH = 364;
export const LAYOUT_BYTES = 368;

// Search: one 8-byte field each (assembly/layout.ts); src/answers/estimate.ts reads it.
export const SEARCH_QUERY_HASH = 0;
export const SEARCH_QUERY_STEP = 8;
export const SEARCH_QUERY_NORM = 16;
export const SEARCH_SLOPE = 24;
export const SEARCH_SLACK = 32;
export const SEARCH_CANDIDATE_COUNT = 40;
export const SEARCH_CURSOR_SLOT = 48;
export const SEARCH_CURSOR_POSITION = 56;
export const SEARCH_MASS_SHIFT = 64;
export const SEARCH_TAIL_TOTAL = 72;
export const SEARCH_HEAD_BUCKET_COUNT = 80;
export const SEARCH_HEAD_COUNT = 88;
export const SEARCH_HEAD_MAX = 96;
export const SEARCH_HEAD_SUM = 104;
export const SEARCH_SCORED = 112;
export const SEARCH_TOP_COUNT = 120;
export const SEARCH_DRAW_COUNT = 128;
export const SEARCH_LOG_PROPOSAL = 136;
export const SEARCH_LOG_SHIFT = 144;
export const SEARCH_HEAD_MASS = 152;
export const SEARCH_TAIL_MASS = 160;
export const SEARCH_TAIL_MEAN = 168;
export const SEARCH_TAIL_SQUARE_MEAN = 176;
export const SEARCH_TAIL_LARGEST = 184;
export const SEARCH_TAIL_LOG_VARIANCE = 192;
export const SEARCH_FINE_BASE = 200;
export const SEARCH_FINE_STEP = 208;
export const SEARCH_RESERVOIR_FLOOR = 216;
export const SEARCH_CODED = 224;
export const SEARCH_MASS_ROAD = 232;
export const SEARCH_GROUP_SHIFT = 240;
export const SEARCH_SECOND_SHIFT = 248;
export const SEARCH_BYTES = 256;
