/** Scales rows (n, dim) to length 1, in a new array. Rows of zeros stay zeros. */
export function unitRows(data: Float32Array, dim: number): Float32Array {
  const unit = new Float32Array(data.length);
  for (let at = 0; at < data.length; at += dim) {
    let squares = 0;
    for (let d = at; d < at + dim; d++) squares += (data[d] as number) ** 2;
    const scale = squares > 0 ? 1 / Math.sqrt(squares) : 0;
    for (let d = at; d < at + dim; d++) unit[d] = (data[d] as number) * scale;
  }
  return unit;
}
