import { checkNumber, kindOf, shown } from "../../checks/check.ts";
import { functionOptions, type Names } from "../../checks/function-options.ts";
import { type Classes, checkClasses, dimOf, neededCounts } from "./classes.ts";
import { defensiveMixture } from "./defensive-mixture.ts";
import { FOURIER_OPTIONS, type FourierOptions, fourierSampler } from "./fourier.ts";
import { fullSampler } from "./full.ts";
import { type InBatchSampler, inBatchSampler } from "./in-batch.ts";
import { logUniformSampler } from "./log-uniform.ts";
import { LSH_OPTIONS, type LshOptions, lshSampler } from "./lsh.ts";
import { MIDX_OPTIONS, type MidxOptions, SAMPLER_FIT } from "./midx/midx-options.ts";
import { midxSampler } from "./midx.ts";
import { quadraticSampler } from "./quadratic.ts";
import type { Sampler } from "./sampler.ts";
import type { SamplerTools } from "./tools.ts";
import { uniformSampler } from "./uniform.ts";
import { unigramSampler } from "./unigram.ts";

/**
 * The kind of a sampler and its options.
 *
 * | kind | draws |
 * | --- | --- |
 * | "midx" | from the quantised softmax of the query (docs/method.md, section 2), optionally with a head |
 * | "full" | from the softmax itself, O(N · dim) per query |
 * | "uniform" | every class alike |
 * | "unigram" | ∝ count^power (Mikolov et al. 2013) |
 * | "log-uniform" | by Zipf's law over the rank by count, as in TensorFlow |
 * | "in-batch" | from the positives of the batch |
 * | "lsh" | from SimHash buckets (Spring & Shrivastava 2017) |
 * | "quadratic" | ∝ α (z·v)² + 1 (Blanc & Rendle 2018), O(N · dim) per query |
 * | "fourier" | by random Fourier features (Rawat et al. 2019), O(N · frequencies) per query |
 */
export type SamplerOptions =
  | {
      /** The kind of the sampler. */
      readonly kind: "full" | "uniform" | "log-uniform" | "in-batch";
    }
  | {
      /** Draws by the frequency of classes. */
      readonly kind: "unigram";
      /** The exponent of the counts. Default .75. */
      readonly power?: number;
    }
  | {
      /** Draws by a quadratic kernel. */
      readonly kind: "quadratic";
      /** α. Default 100. */
      readonly alpha?: number;
    }
  | ({
      /** Draws by the quantised softmax of the query. */
      readonly kind: "midx";
    } & MidxOptions)
  | ({
      /** Draws from SimHash buckets. */
      readonly kind: "lsh";
    } & LshOptions)
  | ({
      /** Draws by random Fourier features. */
      readonly kind: "fourier";
    } & FourierOptions);

/** The sampler that `createSampler` returns for these options. */
export type SamplerOf<Options extends SamplerOptions> = Options extends {
  /** This sampler also takes batches. */
  readonly kind: "in-batch";
}
  ? InBatchSampler
  : Sampler;

/** Makes a sampler that owns the tools. A TypeError or RangeError names the argument at fault. */
export async function createSamplerWith(
  tools: SamplerTools,
  rawOptions: SamplerOptions,
  classes: Classes,
): Promise<Sampler> {
  const options = samplerOptions(rawOptions);
  if (typeof classes !== "object" || classes === null) {
    throw new TypeError(`"classes" expected { rows, biases }, got ${kindOf(classes)}`);
  }
  const dim = dimOf(classes);
  checkClasses(classes.rows, classes.biases, classes.biases.length, dim);
  switch (options.kind) {
    case "full":
      return fullSampler(tools, classes);
    case "uniform":
      return uniformSampler(tools, classes);
    case "unigram":
      return unigramSampler(tools, classes, options.power);
    case "log-uniform":
      return logUniformSampler(tools, classes);
    case "in-batch":
      return inBatchSampler(tools, classes);
    case "midx":
      return withUnigramShare(tools, classes, options);
    case "lsh":
      return lshSampler(tools, classes, options);
    case "quadratic":
      return quadraticSampler(tools, classes, options.alpha);
    case "fourier":
      return fourierSampler(tools, classes, options);
  }
}

/** The largest share of draws by frequency: with more there is no reason to follow the query. */
export const MOST_UNIGRAM = 0.99;

async function withUnigramShare(tools: SamplerTools, classes: Classes, options: MidxOptions): Promise<Sampler> {
  const share = checkNumber("unigramShare", options.unigramShare ?? 0, 0, MOST_UNIGRAM);
  if (share > 0) neededCounts("midx with a unigramShare", classes);
  const sampler = await midxSampler(tools, classes, options);
  return share > 0 ? defensiveMixture(tools, sampler, unigramSampler(tools, classes), share) : sampler;
}

const PLAIN = { kind: true } as const;

/** The options of each kind of sampler. */
const OPTIONS: Readonly<Record<SamplerOptions["kind"], Readonly<Record<string, true>>>> = {
  full: PLAIN,
  uniform: PLAIN,
  unigram: { kind: true, power: true },
  "log-uniform": PLAIN,
  "in-batch": PLAIN,
  midx: { kind: true, ...MIDX_OPTIONS },
  lsh: { kind: true, ...LSH_OPTIONS },
  quadratic: { kind: true, alpha: true },
  fourier: { kind: true, ...FOURIER_OPTIONS },
};

/** Reads each option once and checks that the sampler of this kind knows it. */
function samplerOptions(rawOptions: SamplerOptions): SamplerOptions {
  const kind = rawOptions?.kind;
  const kinds = Object.keys(OPTIONS);
  if (!kinds.includes(kind)) throw new RangeError(`"kind" expected one of ${kinds.join(", ")}, got ${shown(kind)}`);
  const call = `createSampler of kind "${kind}"`;
  const options = functionOptions<SamplerOptions>(call, OPTIONS[kind] as Names<SamplerOptions>, rawOptions);
  if (options.kind !== "midx" || options.fit === undefined) return options;
  return { ...options, fit: functionOptions(`fit of ${call}`, SAMPLER_FIT, options.fit, "fit") };
}
