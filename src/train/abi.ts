/** Codewords that stand side by side in a panel: two SIMD registers (assembly/train/panels.ts). */
export const PANEL_WIDTH = 8;
/** Bytes of one line of a panel: PANEL_WIDTH f32. */
export const PANEL_LINE_BYTES = 32;
