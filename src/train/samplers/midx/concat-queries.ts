/** Copies queries into one f32 (queries.length, dim). */
export function concatQueries(queries: readonly Float32Array[], dim: number): Float32Array {
  const all = new Float32Array(queries.length * dim);
  for (const [i, query] of queries.entries()) all.set(query, i * dim);
  return all;
}
