/**
 * Sets residuals[i] to rows[i] − codebook[codes[i]]. O(rowCount · dim).
 *
 * rows, residuals: f32 (rowCount, dim). They may be the same array. codebook: f32 (K, dim). codes: u16 (rowCount), all
 * < K.
 */
export function residuals(
  rows: usize,
  codebook: usize,
  codes: usize,
  rowCount: i32,
  dim: i32,
  residuals: usize,
): void {
  const rowBytes = <usize>dim << 2;
  for (let i = 0; i < rowCount; i++, codes += 2, rows += rowBytes, residuals += rowBytes) {
    const codeword = codebook + <usize>load<u16>(codes) * rowBytes;
    let d = 0;
    for (; d <= dim - 4; d += 4) {
      const offset = <usize>d << 2;
      v128.store(residuals + offset, f32x4.sub(v128.load(rows + offset), v128.load(codeword + offset)));
    }
    for (; d < dim; d++) {
      const offset = <usize>d << 2;
      store<f32>(residuals + offset, load<f32>(rows + offset) - load<f32>(codeword + offset));
    }
  }
}
