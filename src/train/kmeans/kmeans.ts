import type { RowSource } from "../rows/row-source.ts";
import type { Arena } from "../runtime/arena.ts";
import type { TrainKernels } from "../runtime/kernels.ts";
import type { Pace } from "../runtime/pace.ts";
import { planVisits, type Walk, walkAlone } from "./block-visits.ts";
import { passOver, updateCodebook } from "./lloyd.ts";
import { seedCodewords } from "./seeding.ts";

export interface KMeansOptions {
  readonly codewordCount: number;
  readonly seed: bigint;
  /** 1 or 2: codebooks draw different random numbers. */
  readonly codebook: number;
  readonly restarts: number;
  /** Codewords to descend from, once, in place of seedings. */
  readonly start?: Float32Array;
  /** Updates of the codebook per restart; there is one more pass than updates. */
  readonly maxIterations: number;
  /** Lloyd's algorithm stops when a step gains less than this share of the inertia. */
  readonly smallestGain: number;
  readonly pace: Pace;
  /** Who looks at the rows. Default: this thread. */
  readonly walk?: Walk;
  /** After each pass, with the inertia of the codebook that went in. */
  readonly onPass?: (restart: number, iteration: number, inertia: number) => void;
}

export interface Clustering {
  /** f32 (codewordCount, dim). */
  readonly codebook: Float32Array;
  /** Σ weight · squared distance to the nearest codeword, of this very codebook. */
  readonly inertia: number;
  /** Nearest codeword of each row. */
  readonly codes: Uint16Array;
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
  const { start } = options;
  if (start) return descend(kernels, arena.nest(), source, weights, start, 0, options);
  let best: Clustering | undefined;
  for (let restart = 0; restart < options.restarts; restart++) {
    const seeded = await seedCodewords(kernels, arena.nest(), source, weights, { ...options, restart });
    const found = await descend(kernels, arena.nest(), source, weights, seeded, restart, options);
    if (best === undefined || found.inertia < best.inertia) best = found;
  }
  return best as Clustering;
}

async function descend(
  kernels: TrainKernels,
  arena: Arena,
  source: RowSource,
  weights: Float64Array,
  seeded: Float32Array,
  restart: number,
  options: KMeansOptions,
): Promise<Clustering> {
  const { codewordCount, maxIterations, smallestGain, pace, onPass } = options;
  const walk = options.walk ?? walkAlone(planVisits(kernels, arena, source, weights, codewordCount), source.rowCount);
  let codebook = seeded;
  let pass = await passOver(walk, codebook, codewordCount, source.rowCount, pace);
  onPass?.(restart, 0, pass.inertia);
  for (let iteration = 1; iteration <= maxIterations && pass.inertia > 0; iteration++) {
    const previous = pass.inertia;
    const next = updateCodebook(source, arena.nest(), pass, codebook);
    const nextPass = await passOver(walk, next, codewordCount, source.rowCount, pace);
    onPass?.(restart, iteration, nextPass.inertia);
    // Rounding can undo the last step's gain: keep the better codebook.
    if (!(nextPass.inertia < previous)) break;
    codebook = next;
    pass = nextPass;
    if (previous - pass.inertia < smallestGain * previous) break;
  }
  return { codebook, inertia: pass.inertia, codes: pass.codes };
}
