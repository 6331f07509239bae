import { PANEL_LINE_BYTES, PANEL_WIDTH } from "../../src/abi";

/**
 * Lays a codebook out in panels: eight codewords side by side, so that one value of a row meets eight codewords in two
 * registers and no horizontal sum is needed. O(codewordCount · dim). A panel is contiguous. In a plain (dim, K)
 * transpose at K = 256, the lines of eight codewords lie 1 KiB apart and share four cache sets.
 *
 *     panel p = codewords 8p … 8p+7
 *     ┌──────────────────────────────┐
 *     │ c[8p][0]     …  c[8p+7][0]   │  dim lines of 8 f32
 *     │ …                            │
 *     │ c[8p][dim-1] …               │
 *     ├──────────────────────────────┤
 *     │ ½‖c[8p]‖²    …               │  one line, summed in f64; +∞ where there is no codeword
 *     └──────────────────────────────┘
 *
 * codebook: f32 (codewordCount, dim). panels: f32 (⌈codewordCount/8⌉, dim + 1, 8).
 */
export function packPanels(codebook: usize, codewordCount: i32, dim: i32, panels: usize): void {
  const panelBytes = (<usize>dim + 1) * PANEL_LINE_BYTES;
  const end = (codewordCount + PANEL_WIDTH - 1) & -PANEL_WIDTH;
  for (let k = 0; k < end; k++) {
    const codeword = codebook + ((<usize>k * dim) << 2);
    let line = panels + <usize>(k / PANEL_WIDTH) * panelBytes + (<usize>(k % PANEL_WIDTH) << 2);
    let squares: f64 = 0;
    for (let d = 0; d < dim; d++, line += PANEL_LINE_BYTES) {
      const value: f32 = k < codewordCount ? load<f32>(codeword + (<usize>d << 2)) : 0;
      store<f32>(line, value);
      squares += <f64>value * <f64>value;
    }
    store<f32>(line, k < codewordCount ? <f32>(0.5 * squares) : Infinity);
  }
}
