/** Writes the rows, scaled to unit length, to the front of `unit` and returns that part. Zero rows stay zero. */
export function unitRows(data: Float32Array, dim: number, unit: Float32Array): Float32Array {
  for (let start = 0; start < data.length; start += dim) {
    let square = 0;
    for (let d = 0; d < dim; d++) square += (data[start + d] as number) ** 2;
    const scale = square > 0 ? 1 / Math.sqrt(square) : 0;
    for (let d = 0; d < dim; d++) unit[start + d] = (data[start + d] as number) * scale;
  }
  return unit.subarray(0, data.length);
}
