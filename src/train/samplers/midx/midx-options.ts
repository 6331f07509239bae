import { checkCount, checkOneOf } from "../../../checks/check.ts";
import type { Names } from "../../../checks/function-options.ts";
import { limitsOf } from "../../../memory/load-options.ts";
import type { Limits } from "../../../memory/plan.ts";
import { checkBits, defaultBits, type QuantizerKind } from "../../kmeans/quantizer-options.ts";
import { checkQueries, checkVector } from "../../rows/matrix.ts";
import { type Classes, dimOf } from "../classes.ts";

export interface MidxOptions {
  /** Default "rq". */
  readonly quantizer?: QuantizerKind;
  /** log₂ of the codewords per codebook. Default ⌊log₂ N / 2⌋, at most 8. */
  readonly bits?: number;
  /** Classes of the best buckets that are scored exactly for each query: a head. Default 0: plain MIDX. */
  readonly scan?: number;
  /** Most draws a call. Default 4,096. */
  readonly maxDraws?: number;
  /** Growth of the residual energy, or of 1 + χ², from which `refresh` gives classes new codewords. Default 1.1. */
  readonly reassignAt?: number;
  /** The same, from which `refresh` learns codebooks anew from those there are. Default 1.5. */
  readonly rebuildAt?: number;
  /**
   * Moves the codewords nearer to the softmax of queries, when it is made and whenever `refresh` learns codebooks anew: draws
   * take the same time and are worth more. Default: codebooks are k-means' own.
   */
  readonly fit?: SamplerFit;
  /** The seed of the build and the fit. Default 0. */
  readonly seed?: bigint;
}

/** With the head of `scan` where there is one: what is made better is the proposal that draws. */
export interface SamplerFit {
  /** f32 (n, dim): what to fit to when the sampler is made. Default: none. */
  readonly queries?: Float32Array;
  /** How many of the last queries that were drawn for `refresh` fits to, O(N · dim) each. Default 256. */
  readonly kept?: number;
}

export const MIDX_OPTIONS: Names<MidxOptions> = {
  ...{
    quantizer: true,
    bits: true,
    scan: true,
    maxDraws: true,
    reassignAt: true,
    rebuildAt: true,
    fit: true,
    seed: true,
  },
};

export const SAMPLER_FIT: Names<SamplerFit> = { queries: true, kept: true };

const DEFAULT_KEPT = 256;
const MOST_KEPT = 2 ** 16;

/** The options of a sampler, every value checked. */
export interface MidxPlan extends Required<Pick<MidxOptions, "bits" | "scan" | "reassignAt" | "rebuildAt" | "seed">> {
  readonly kind: QuantizerKind;
  readonly itemCount: number;
  readonly dim: number;
  readonly counts: Float32Array | undefined;
  readonly limits: Limits;
  /** Whether codewords are moved towards queries, those that it begins with, and how many it keeps of later ones. */
  readonly fits: boolean;
  readonly queries: readonly Float32Array[];
  readonly kept: number;
}

export function planMidx(classes: Classes, options: MidxOptions): MidxPlan {
  const itemCount = classes.biases.length;
  const dim = dimOf(classes);
  const { quantizer: kind = "rq", bits = defaultBits(itemCount), scan = 0, seed = 0n, maxDraws = 4096, fit } = options;
  const { reassignAt = 1.1, rebuildAt = 1.5 } = options;
  checkOneOf("quantizer", kind, ["rq", "pq"]);
  return {
    ...{ kind, scan, seed, reassignAt, rebuildAt, itemCount, dim },
    bits: checkBits(bits),
    counts: checkVector("counts", classes.counts, itemCount, 0),
    limits: limitsOf({ maxDraws, maxScan: Math.max(1, scan), maxBatch: 1, maxK: 1 }),
    fits: fit !== undefined,
    queries: queriesOf(fit, dim),
    kept: fit ? checkCount("fit.kept", fit.kept ?? DEFAULT_KEPT, MOST_KEPT, "the limit") : 0,
  };
}

/** The queries of a fit, one by one. */
function queriesOf(fit: SamplerFit | undefined, dim: number): Float32Array[] {
  const queries = fit?.queries ?? new Float32Array(0);
  checkQueries(queries, dim);
  return Array.from({ length: queries.length / dim }, (_, q) => queries.subarray(q * dim, (q + 1) * dim));
}
