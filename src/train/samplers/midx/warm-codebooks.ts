import { planVisits, walkAlone } from "../../kmeans/block-visits.ts";
import { type Clustering, lloyd, startPass } from "../../kmeans/lloyd.ts";
import type { Quantizer } from "../../kmeans/quantizer.ts";
import { pickRows } from "../../random/pick-rows.ts";
import type { RowSample } from "../../random/sample-rows.ts";
import { type ClusteredRows, openClustered } from "../../rows/clustered-rows.ts";
import { memoryTrainingRows } from "../../rows/training-rows.ts";
import { startArena } from "../../runtime/arena.ts";
import type { TrainKernels } from "../../runtime/kernels.ts";

/** Updates of a codebook, which begins near where it ends. */
const MOST_UPDATES = 8;
/** Share of the inertia that an update has to gain. */
const SMALLEST_GAIN = 2e-3;

/**
 * Lloyd's algorithm on moved rows, f32 (N, dim), begun with the codebooks they had before, which most of them still fit.
 * Codewords keep their numbers. O(sample rows · K · dim) an update, at once. Takes the instance's memory.
 */
export function warmCodebooks(
  kernels: TrainKernels,
  quantizer: Quantizer,
  rows: Float32Array,
  { ids, weights }: RowSample,
): Quantizer {
  const { kind, codewordCount, dim, dim1, dim2 } = quantizer;
  const training = memoryTrainingRows(ids.length, dim, pickRows(rows, dim, ids));

  const cluster = (start: Float32Array, clustered: ClusteredRows): Clustering => {
    const arena = startArena(kernels);
    const source = openClustered(kernels, arena, training, clustered);
    const walk = walkAlone(planVisits(kernels, arena, source, weights, codewordCount), ids.length);
    const descent = lloyd(source, arena, start, { maxIterations: MOST_UPDATES, smallestGain: SMALLEST_GAIN });
    let step = descent.next();
    while (!step.done) {
      const pass = startPass(step.value, codewordCount, ids.length);
      for (const block of walk(step.value)) pass.add(block);
      step = descent.next(pass.done());
    }
    return step.value;
  };

  const first = cluster(quantizer.codebook1, { from: 0, to: dim1 });
  const rest = kind === "rq" ? { from: 0, to: dim, less: first } : { from: dim - dim2, to: dim };
  const { codebook: codebook2 } = cluster(quantizer.codebook2, rest);
  return { ...quantizer, codebook1: first.codebook, codebook2 };
}
