import type { Metric } from "./peer.ts";
import { TopHeap } from "./top-heap.ts";

/** Returns the ids, u32 (queries, k), of the best rows by each metric, best first. Scores of f32 values are added in f64. */
export function exactNeighbours(
  data: Float32Array,
  queries: Float32Array,
  dim: number,
  k: number,
): Record<Metric, Uint32Array<ArrayBuffer>> {
  const [count, asked] = [data.length / dim, queries.length / dim];
  const scales = Float64Array.from(
    { length: count },
    (_, id) => 1 / Math.hypot(...data.subarray(id * dim, id * dim + dim)),
  );
  const heaps = Array.from({ length: asked }, () => ({ dot: new TopHeap(k), cosine: new TopHeap(k) }));
  for (let id = 0; id < count; id++) {
    const row = Float64Array.from(data.subarray(id * dim, (id + 1) * dim));
    const scale = scales[id] as number;
    for (let q = 0; q < asked; q++) {
      const { dot, cosine } = heaps[q] as (typeof heaps)[number];
      const at = q * dim;
      let score = 0;
      for (let d = 0; d < dim; d++) score += (queries[at + d] as number) * (row[d] as number);
      if (score > dot.worst) dot.push(id, score);
      if (score * scale > cosine.worst) cosine.push(id, score * scale);
    }
  }
  const lists = (metric: Metric): Uint32Array<ArrayBuffer> => {
    const ids = new Uint32Array(asked * k);
    for (const [q, heap] of heaps.entries()) ids.set(heap[metric].sorted(), q * k);
    return ids;
  };
  return { dot: lists("dot"), cosine: lists("cosine") };
}
