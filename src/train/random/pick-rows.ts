/** Copies the rows at `ids` of f32 (N, dim) into f32 (ids.length, dim). */
export function pickRows(rows: Float32Array, dim: number, ids: ArrayLike<number>): Float32Array<ArrayBuffer> {
  const picked = new Float32Array(ids.length * dim);
  for (let i = 0; i < ids.length; i++) {
    const id = ids[i] as number;
    picked.set(rows.subarray(id * dim, (id + 1) * dim), i * dim);
  }
  return picked;
}
