/** f32 (ids.length, dim): those rows of f32 (N, dim), end to end. */
export function pickRows(rows: Float32Array, dim: number, ids: ArrayLike<number>): Float32Array<ArrayBuffer> {
  const picked = new Float32Array(ids.length * dim);
  for (let i = 0; i < ids.length; i++) {
    const id = ids[i] as number;
    picked.set(rows.subarray(id * dim, (id + 1) * dim), i * dim);
  }
  return picked;
}
