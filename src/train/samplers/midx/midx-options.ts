import { checkCount, checkNumber, checkOneOf, checkSeed } from "../../../checks/check.ts";
import type { Names } from "../../../checks/function-options.ts";
import { limitsOf } from "../../../memory/load-options.ts";
import type { Limits } from "../../../memory/plan.ts";
import { checkBits, defaultBits, type QuantizerKind } from "../../kmeans/quantizer-options.ts";
import { checkQueries, checkVector } from "../../rows/matrix.ts";
import { type Classes, dimOf } from "../classes.ts";

/** Options of the sampler of kind "midx". */
export interface MidxOptions {
  /** "rq": residual quantizer, or "pq": product quantizer. Default "rq". */
  readonly quantizer?: QuantizerKind;
  /** log₂ of the number of codewords per codebook, 0 … 10. Default ⌊log₂ N / 2⌋, at most 8. */
  readonly bits?: number;
  /**
   * Head budget: how many classes of the best buckets are scored exactly for each query. Default 0, which is plain MIDX.
   */
  readonly scan?: number;
  /**
   * The share of draws that are by the frequency of classes, as those of kind "unigram" (counts^.75), 0 … .99. log Q is that of
   * the mixture. No weight P / Q is then large where the proposal misses a class, as it does where positions of a sequence
   * share draws. Requires `counts`. Default 0: all draws are those of MIDX.
   */
  readonly unigramShare?: number;
  /** Most draws per call. Default 4,096. */
  readonly maxDraws?: number;
  /** `refresh` gives classes new codewords once the residual energy or 1 + χ² has grown by this factor. Default 1.1. */
  readonly reassignAt?: number;
  /** `refresh` also trains the codebooks further once either has grown by this factor. Default 1.5. */
  readonly rebuildAt?: number;
  /**
   * Fits the codewords to queries, when the sampler is made and whenever `refresh` trains the codebooks. Draws take the
   * same time and have a larger effective sample size. Default: the codebooks of k-means.
   */
  readonly fit?: SamplerFit;
  /** The seed of the build and the fit. Default 0. */
  readonly seed?: number | bigint;
}

/** Options of a sampler's fit. The fit improves the proposal that draws, with its head of `scan` classes. */
export interface SamplerFit {
  /** f32 (n, dim): the queries to fit to when the sampler is made. Default: none. */
  readonly queries?: Float32Array;
  /**
   * `refresh` fits to this many of the last queries that were drawn for. Each takes O(N · dim). Default 256, at most
   * 65,536.
   */
  readonly kept?: number;
}

export const MIDX_OPTIONS: Names<MidxOptions> = {
  quantizer: true,
  bits: true,
  scan: true,
  unigramShare: true,
  maxDraws: true,
  reassignAt: true,
  rebuildAt: true,
  fit: true,
  seed: true,
};

export const SAMPLER_FIT: Names<SamplerFit> = { queries: true, kept: true };

/** Most draws of a call by default. */
export const MAX_DRAWS = 4096;
const DEFAULT_KEPT = 256;
const MOST_KEPT = 2 ** 16;

/** Checks the number of draws of a call. */
export const checkDraws = (count: number, maxDraws: number): number =>
  checkCount("count", count, maxDraws, "maxDraws", "createSampler(");

/** The options of the sampler, with every value checked. */
export interface MidxPlan extends Required<Pick<MidxOptions, "bits" | "scan" | "reassignAt" | "rebuildAt">> {
  readonly seed: bigint;
  readonly kind: QuantizerKind;
  readonly itemCount: number;
  readonly dim: number;
  readonly counts: Float32Array | undefined;
  readonly limits: Limits;
  /** True if codewords are fitted to queries. */
  readonly fits: boolean;
  /** The queries of the first fit. */
  readonly queries: readonly Float32Array[];
  /** Number of recent queries to keep for later fits. */
  readonly kept: number;
}

export function planMidx(classes: Classes, options: MidxOptions): MidxPlan {
  const itemCount = classes.biases.length;
  const dim = dimOf(classes);
  const {
    quantizer: kind = "rq",
    bits = defaultBits(itemCount),
    scan = 0,
    seed = 0n,
    maxDraws = MAX_DRAWS,
    fit,
  } = options;
  const { reassignAt = 1.1, rebuildAt = 1.5 } = options;
  checkOneOf("quantizer", kind, ["rq", "pq"]);
  return {
    kind,
    itemCount,
    dim,
    scan: checkCount("scan", scan, Number.POSITIVE_INFINITY, ""),
    reassignAt: checkNumber("reassignAt", reassignAt, 0, Number.POSITIVE_INFINITY),
    rebuildAt: checkNumber("rebuildAt", rebuildAt, 0, Number.POSITIVE_INFINITY),
    seed: checkSeed(seed),
    bits: checkBits(bits),
    counts: checkVector("counts", classes.counts, itemCount, 0),
    limits: limitsOf({ maxDraws, maxScan: Math.max(1, scan), maxBatch: 1, maxK: 1, maxChanged: 1 }),
    fits: fit !== undefined,
    queries: queriesOf(fit, dim),
    kept: fit ? checkCount("fit.kept", fit.kept ?? DEFAULT_KEPT, MOST_KEPT, "the limit") : 0,
  };
}

/** Returns the queries of a fit one by one. */
function queriesOf(fit: SamplerFit | undefined, dim: number): Float32Array[] {
  const queries = fit?.queries ?? new Float32Array(0);
  checkQueries(queries, dim);
  return Array.from({ length: queries.length / dim }, (_, q) => queries.subarray(q * dim, (q + 1) * dim));
}
