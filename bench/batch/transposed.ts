/** The columns of rows, f32 (itemCount, dim), as f32 (dim, itemCount). */
export function transposed(data: Float32Array, itemCount: number, dim: number): Float32Array {
  const columns = new Float32Array(data.length);
  for (let row = 0; row < itemCount; row++) {
    for (let d = 0; d < dim; d++) columns[d * itemCount + row] = data[row * dim + d] as number;
  }
  return columns;
}
