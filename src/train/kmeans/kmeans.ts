import type { RowSource } from "../rows/row-source.ts";
import type { Arena } from "../runtime/arena.ts";
import type { TrainKernels } from "../runtime/kernels.ts";
import type { Pause } from "../runtime/work.ts";
import { planVisits, type Walk, walkAlone } from "./block-visits.ts";
import { type Clustering, type LloydOptions, lloyd, startPass } from "./lloyd.ts";
import { seedCodewords } from "./seeding.ts";

export interface KMeansOptions extends Omit<LloydOptions, "onPass"> {
  readonly codewordCount: number;
  readonly seed: bigint;
  /** 1 or 2: codebooks draw different random numbers. */
  readonly codebook: number;
  readonly restarts: number;
  /** Codewords to descend from, once, in place of seedings. */
  readonly start?: Float32Array;
  readonly pause: Pause;
  /** Who looks at the rows. Default: this thread. */
  readonly walk?: Walk;
  /** After each pass, with the inertia of the codebook that went in. */
  readonly onPass?: (restart: number, iteration: number, inertia: number) => void;
}

/**
 * Weighted k-means: k-means++ seeding, then Lloyd's algorithm, `restarts` times from different seedings; the lowest
 * inertia wins, ties go to the earlier. Deterministic: + − × ÷ in a fixed order and Philox numbers only.
 *
 * weights: f64 (source.rowCount), ≥ 0. Memory above the arena's top is used and free again afterwards.
 */
export async function kmeans(
  kernels: TrainKernels,
  arena: Arena,
  source: RowSource,
  weights: Float64Array,
  options: KMeansOptions,
): Promise<Clustering> {
  const { start, codewordCount, pause } = options;
  const descend = (begin: Float32Array, restart: number): Promise<Clustering> => {
    const own = arena.nest();
    const walk = options.walk ?? walkAlone(planVisits(kernels, own, source, weights, codewordCount), source.rowCount);
    const onPass = (iteration: number, inertia: number): void => options.onPass?.(restart, iteration, inertia);
    const descent = lloyd(source, own, begin, { ...options, onPass });
    return givePasses(descent, walk, (codebook) => startPass(codebook, codewordCount, source.rowCount), pause);
  };
  if (start) return descend(start, 0);
  let best: Clustering | undefined;
  for (let restart = 0; restart < options.restarts; restart++) {
    const seeded = await seedCodewords(kernels, arena.nest(), source, weights, { ...options, restart });
    const found = await descend(seeded, restart);
    if (best === undefined || found.inertia < best.inertia) best = found;
  }
  return best as Clustering;
}

/** Gives a descent each pass that it asks for. */
async function givePasses(
  descent: ReturnType<typeof lloyd>,
  walk: Walk,
  start: (codebook: Float32Array) => ReturnType<typeof startPass>,
  pause: Pause,
): Promise<Clustering> {
  let step = descent.next();
  while (!step.done) {
    const pass = start(step.value);
    for await (const block of walk(step.value)) {
      pass.add(block);
      await pause();
    }
    step = descent.next(pass.done());
  }
  return step.value;
}
