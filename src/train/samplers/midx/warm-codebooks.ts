import { planBlockPasses, singleThreadPass } from "../../kmeans/block-passes.ts";
import { type Clustering, type CodedPass, lloyd, runLloyd, startPass } from "../../kmeans/lloyd.ts";
import type { Quantizer } from "../../kmeans/quantizer.ts";
import { pickRows } from "../../random/pick-rows.ts";
import type { RowSample } from "../../random/sample-rows.ts";
import { type ClusteredRows, openClustered } from "../../rows/clustered-rows.ts";
import { memoryTrainingRows } from "../../rows/training-rows.ts";
import { startArena } from "../../runtime/arena.ts";
import type { TrainKernels } from "../../runtime/kernels.ts";

/** Few updates of a codebook are enough, because it starts close to where it ends. */
const MOST_UPDATES = 8;
/** Share of the inertia that an update has to gain. */
const SMALLEST_GAIN = 2e-3;

/**
 * Lloyd's algorithm on rows that have moved, f32 (N, dim), started from their previous codebooks, which still fit most of
 * them. Codewords keep their numbers. It runs synchronously, takes O(sample rows · K · dim) an update, and uses the
 * instance's memory.
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
    const passOver = singleThreadPass(planBlockPasses(kernels, arena, source, weights, codewordCount), ids.length);
    const computePass = (codebook: Float32Array): CodedPass => {
      const pass = startPass(codebook, codewordCount, ids.length);
      for (const block of passOver(codebook)) pass.add(block);
      return pass.done();
    };
    const options = { maxIterations: MOST_UPDATES, smallestGain: SMALLEST_GAIN };
    return runLloyd(lloyd(source, arena, start, options), computePass);
  };

  const first = cluster(quantizer.codebook1, { from: 0, to: dim1 });
  const rest = kind === "rq" ? { from: 0, to: dim, subtract: first } : { from: dim - dim2, to: dim };
  const { codebook: codebook2 } = cluster(quantizer.codebook2, rest);
  return { ...quantizer, codebook1: first.codebook, codebook2 };
}
