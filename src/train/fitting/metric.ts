import type { Quantizer } from "../kmeans/quantizer.ts";
import type { Interruptible } from "../runtime/event-loop.ts";
import { intoMetric, momentRoot, outOfMetric } from "./second-moment.ts";

/**
 * The metric of the queries. A squared distance in it is the mean squared inner product with a query, so it measures the
 * effect of a residual on the logits. "pq" has one metric per half, as if the halves of the queries were independent.
 */
export interface Metric {
  /** Lower triangles, f64 (dim1, dim1) and (dim2, dim2). With "rq" both are the same. */
  readonly root1: Float64Array;
  readonly root2: Float64Array;
}

/** The facts of a quantizer that a metric depends on. */
export type MetricShape = Pick<Quantizer, "kind" | "dim" | "dim1" | "dim2">;

/** Computes the metric of queries, f32 (n, dim). */
export function* metricOf({ kind, dim, dim1 }: MetricShape, queries: Float32Array): Interruptible<Metric> {
  const root1 = yield* momentRoot(queries, dim, 0, dim1);
  return { root1, root2: kind === "rq" ? root1 : yield* momentRoot(queries, dim, dim1, dim) };
}

/** Maps the codebooks into the metric. */
export function codebooksInto({ root1, root2 }: Metric, quantizer: Quantizer): Quantizer {
  const { dim1, dim2, codebook1, codebook2 } = quantizer;
  return {
    ...quantizer,
    codebook1: intoMetric(root1, codebook1, dim1),
    codebook2: intoMetric(root2, codebook2, dim2),
  };
}

/** Maps the codebooks back from the metric. */
export function codebooksOutOf({ root1, root2 }: Metric, quantizer: Quantizer): Quantizer {
  const { dim1, dim2, codebook1, codebook2 } = quantizer;
  return {
    ...quantizer,
    codebook1: outOfMetric(root1, codebook1, dim1),
    codebook2: outOfMetric(root2, codebook2, dim2),
  };
}

/** Returns f32 (dim, dim). The inner product of a vector with row j is its value j in the metric. */
export function metricRows({ root1, root2 }: Metric, { kind, dim, dim1, dim2 }: MetricShape): Float32Array {
  const rows = new Float32Array(dim * dim);
  const place = (root: Float64Array, from: number, size: number): void => {
    for (let j = 0; j < size; j++) {
      for (let i = j; i < size; i++) rows[(from + j) * dim + from + i] = root[i * size + j] as number;
    }
  };
  place(root1, 0, dim1);
  if (kind === "pq") place(root2, dim1, dim2);
  return rows;
}
