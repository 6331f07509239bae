import { planVisits, walkAlone } from "../../kmeans/block-visits.ts";
import { startPass, updateCodebook } from "../../kmeans/lloyd.ts";
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

  const descend = (begin: Float32Array, clustered: ClusteredRows): { codebook: Float32Array; codes: Uint16Array } => {
    const arena = startArena(kernels);
    const source = openClustered(kernels, arena, training, clustered);
    const visitor = planVisits(kernels, arena, source, weights, codewordCount);
    const passOver = (codebook: Float32Array): ReturnType<ReturnType<typeof startPass>["done"]> => {
      const pass = startPass(codebook, codewordCount, ids.length);
      for (const block of walkAlone(visitor, ids.length)(codebook)) pass.add(block);
      return pass.done();
    };
    let codebook = begin;
    let pass = passOver(codebook);
    for (let update = 0; update < MOST_UPDATES && pass.inertia > 0; update++) {
      const next = updateCodebook(source, arena.nest(), pass, codebook);
      const nextPass = passOver(next);
      if (!(nextPass.inertia < pass.inertia)) break;
      const gain = pass.inertia - nextPass.inertia;
      const enough = gain >= SMALLEST_GAIN * pass.inertia;
      codebook = next;
      pass = nextPass;
      if (!enough) break;
    }
    return { codebook, codes: pass.codes };
  };

  const first = descend(quantizer.codebook1, { from: 0, to: dim1 });
  const rest = kind === "rq" ? { from: 0, to: dim, less: first } : { from: dim - dim2, to: dim };
  const { codebook: codebook2 } = descend(quantizer.codebook2, rest);
  return { ...quantizer, codebook1: first.codebook, codebook2 };
}
