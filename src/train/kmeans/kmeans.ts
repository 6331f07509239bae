import type { RowSource } from "../rows/row-source.ts";
import type { Arena } from "../runtime/arena.ts";
import type { YieldIfDue } from "../runtime/event-loop.ts";
import type { TrainKernels } from "../runtime/kernels.ts";
import { type PassOver, planBlockPasses, singleThreadPass } from "./block-passes.ts";
import { type Clustering, type CodedPass, type LloydOptions, lloyd, runLloydAsync, startPass } from "./lloyd.ts";
import { seedCodewords } from "./seeding.ts";

export interface KMeansOptions extends Omit<LloydOptions, "onPass"> {
  readonly codewordCount: number;
  readonly seed: bigint;
  /** The number of the codebook. Codebooks of different numbers draw different random numbers. */
  readonly codebook: number;
  readonly restarts: number;
  /** Codewords to start from, in place of seeding. There are no restarts then. */
  readonly start?: Float32Array;
  readonly yieldIfDue: YieldIfDue;
  /** Passes over the rows. Default: this thread does. */
  readonly passOver?: PassOver;
  /** Called after each pass with the inertia of the codebook it was made with. */
  readonly onPass?: (restart: number, iteration: number, inertia: number) => void;
}

/**
 * Weighted k-means: k-means++ seeding, then Lloyd's algorithm, `restarts` times from different seeds. The lowest inertia
 * wins and ties go to the earlier restart. It is deterministic, because it uses only + − × ÷ in a fixed order and Philox
 * numbers.
 *
 * `weights` is f64 (source.rowCount), each ≥ 0. Memory above the arena's top is used and is free again afterwards.
 */
export async function kmeans(
  kernels: TrainKernels,
  arena: Arena,
  source: RowSource,
  weights: Float64Array,
  options: KMeansOptions,
): Promise<Clustering> {
  const { start, codewordCount, yieldIfDue } = options;
  const runFrom = (codewords: Float32Array, restart: number): Promise<Clustering> => {
    const nested = arena.nest();
    const passOver =
      options.passOver ??
      singleThreadPass(planBlockPasses(kernels, nested, source, weights, codewordCount), source.rowCount);
    const computePass = async (codebook: Float32Array): Promise<CodedPass> => {
      const pass = startPass(codebook, codewordCount, source.rowCount);
      for await (const block of passOver(codebook)) {
        pass.add(block);
        await yieldIfDue();
      }
      return pass.done();
    };
    const onPass = (iteration: number, inertia: number): void => options.onPass?.(restart, iteration, inertia);
    return runLloydAsync(lloyd(source, nested, codewords, { ...options, onPass }), computePass);
  };
  if (start) return runFrom(start, 0);
  let best: Clustering | undefined;
  for (let restart = 0; restart < options.restarts; restart++) {
    const seeded = await seedCodewords(kernels, arena.nest(), source, weights, { ...options, restart });
    const found = await runFrom(seeded, restart);
    if (best === undefined || found.inertia < best.inertia) best = found;
  }
  return best as Clustering;
}
