import { type ClusteredRows, openClustered } from "../rows/clustered-rows.ts";
import type { TrainingRows } from "../rows/training-rows.ts";
import { startArena } from "../runtime/arena.ts";
import { startYielding } from "../runtime/event-loop.ts";
import type { TrainKernels } from "../runtime/kernels.ts";
import { kmeans } from "./kmeans.ts";
import type { Clustering } from "./lloyd.ts";
import { parallelPass } from "./parallel-pass.ts";
import { checkQuantizerOptions, type QuantizerKind, type QuantizerOptions } from "./quantizer-options.ts";

export interface Quantizer {
  readonly kind: QuantizerKind;
  /** K, the number of codewords in each codebook. */
  readonly codewordCount: number;
  readonly dim: number;
  /** Values per codeword: dim and dim for "rq", ⌈dim/2⌉ and the rest for "pq". The rest can be 0. */
  readonly dim1: number;
  readonly dim2: number;
  /** f32 (K, dim1). */
  readonly codebook1: Float32Array;
  /** f32 (K, dim2). */
  readonly codebook2: Float32Array;
}

/** Codebooks with the codeword of each training row: the nearest one, and the nearest one of what the first leaves. */
export interface LearnedQuantizer {
  readonly quantizer: Quantizer;
  readonly codes1: Uint16Array;
  readonly codes2: Uint16Array;
}

// Mean weighted squared error and seconds, measured on 1M × 64 real rows, K = 256, weighted, "rq", to a gain of 1e-4:
//   updates     10: 1.381, 2.5 s         15: 1.369, 3.6 s         50: 1.368, 6.5 s      (131,072 rows; 25: 1.369, 5.7 s)
//   restarts     3: 1.364, 16.6 s                                                      (131,072 rows; 1 above)
const DEFAULT_RESTARTS = 1;
const DEFAULT_MAX_ITERATIONS = 25;

/**
 * Share of the inertia that an update of k-means has to gain. The residual share after two codebooks, and the passes over
 * the sample, without stretch:
 *
 *   GloVe, 99,000 × 100     1e-4: .777, 50     1e-3: .780, 22     2e-3: .781, 16
 *   tokens, 1M × 64         1e-4: .761, 48     1e-3: .765, 23     2e-3: .768, 17
 *
 * Updates that go beyond the means reach the same share in fewer passes. The mean share over four seeds, and the passes:
 *
 *   GloVe, 99,000 × 100     2e-3: .7821, 18     stretch 1.6 and 3e-3: .7820, 14
 *   tokens, 100,000 × 64    2e-3: .5924, 20     stretch 1.6 and 3e-3: .5919, 16
 */
const LONG_PASSES = { smallestGain: 3e-3, stretch: 1.6 };
/** A pass over fewer products than this takes less than 50 ms, so small inputs can afford a smaller gain. */
const SMALL_PASS = 2 ** 29;
const SHORT_PASSES = { smallestGain: 1e-4 };

/**
 * Learns the two codebooks by weighted k-means on the rows of a training sample. `weights` is f64 (rows.rowCount), each ≥
 * 0.
 *
 * It is deterministic: the same rows, weights, options and seed give the same bytes in every runtime. Any row count works.
 * With fewer distinct rows than codewords the surplus repeats other codewords, and without rows all codewords are zero.
 * `encode` gives the codes. An instance of the kernels serves one call at a time, because the call yields to the event
 * loop.
 *
 * @throws TypeError or RangeError for a wrong option, and the signal's reason once it is aborted.
 */
export async function trainQuantizer(
  kernels: TrainKernels,
  rows: TrainingRows,
  weights: Float64Array,
  options: QuantizerOptions,
): Promise<Quantizer> {
  return (await learnQuantizer(kernels, rows, weights, options)).quantizer;
}

/** Learns what `trainQuantizer` does, and gives the codes that `encode` would give the training rows. */
export async function learnQuantizer(
  kernels: TrainKernels,
  rows: TrainingRows,
  weights: Float64Array,
  options: QuantizerOptions,
): Promise<LearnedQuantizer> {
  checkQuantizerOptions(options);
  const { dim } = rows;
  const { kind, seed, restarts = DEFAULT_RESTARTS, maxIterations = DEFAULT_MAX_ITERATIONS, pool } = options;
  const codewordCount = 2 ** options.bits;
  const isSmall = rows.rowCount * codewordCount * dim < SMALL_PASS;
  const { smallestGain } = options;
  const updates = smallestGain !== undefined ? { smallestGain } : isSmall ? SHORT_PASSES : LONG_PASSES;
  const yieldIfDue = startYielding(options.signal);
  await yieldIfDue();

  const passes = restarts * (maxIterations + 1);
  const learn = async (codebook: 1 | 2, clustered: ClusteredRows): Promise<Clustering> => {
    const before = (codebook - 1) * passes;
    const onPass = (restart: number, iteration: number): void =>
      options.onProgress?.(before + restart * (maxIterations + 1) + iteration + 1, 2 * passes);
    const arena = options.arena?.nest() ?? startArena(kernels);
    const source = openClustered(kernels, arena, rows, clustered);
    const start = options.start?.[`codebook${codebook}`];
    const learned = await kmeans(kernels, arena, source, weights, {
      codewordCount,
      seed,
      codebook,
      restarts,
      maxIterations,
      ...updates,
      yieldIfDue,
      onPass,
      ...(start && { start }),
      ...(pool && { passOver: parallelPass(pool, rows, { ...clustered, weights, codewordCount }) }),
    });
    options.onProgress?.(before + passes, 2 * passes);
    return learned;
  };

  const dim1 = kind === "rq" ? dim : Math.ceil(dim / 2);
  const dim2 = kind === "rq" ? dim : dim - dim1;
  const first = await learn(1, { from: 0, to: dim1 });
  const rest = kind === "rq" ? { from: 0, to: dim, subtract: first } : { from: dim1, to: dim };
  const second = await learn(2, rest);
  const quantizer = { kind, codewordCount, dim, dim1, dim2, codebook1: first.codebook, codebook2: second.codebook };
  return { quantizer, codes1: first.codes, codes2: second.codes };
}
