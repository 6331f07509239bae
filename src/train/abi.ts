/** Codewords that stand side by side in a panel: two SIMD registers (assembly/train/panels.ts). */
export const PANEL_WIDTH = 8;
/** Bytes of one line of a panel: PANEL_WIDTH f32. */
export const PANEL_LINE_BYTES = 32;

// Buckets (assembly/train/bucket-proposal/tables.ts, which checks the offsets): the fields that are read or written from outside.
export const BUCKETS_PANELS_1 = 64;
export const BUCKETS_PANELS_2 = 68;
export const BUCKETS_CELLS = 72;
export const BUCKETS_BIASES = 76;
export const BUCKETS_EXCLUDED_IDS = 100;
export const BUCKETS_QUERY = 124;
export const BUCKETS_NUMBERS = 160;
export const BUCKETS_DRAW_IDS = 168;
export const BUCKETS_DRAW_LOG_Q = 172;
export const BUCKETS_BYTES = 176;
