import { kindOf, shown } from "../../checks/check.ts";
import { functionOptions } from "../function-options.ts";
import { type Classes, checkClasses, dimOf } from "./classes.ts";
import { type FourierOptions, fourierSampler } from "./fourier.ts";
import { fullSampler } from "./full.ts";
import { type InBatchSampler, inBatchSampler } from "./in-batch.ts";
import { logUniformSampler } from "./log-uniform.ts";
import { type LshOptions, lshSampler } from "./lsh.ts";
import { type MidxOptions, midxSampler } from "./midx.ts";
import { quadraticSampler } from "./quadratic.ts";
import type { Sampler } from "./sampler.ts";
import type { SamplerTools } from "./tools.ts";
import { uniformSampler } from "./uniform.ts";
import { unigramSampler } from "./unigram.ts";

/** Which sampler, and what it can be told. */
export type SamplerOptions =
  | { readonly kind: "full" | "uniform" | "log-uniform" | "in-batch" }
  | {
      readonly kind: "unigram";
      /** Of the counts. Default .75. */
      readonly power?: number;
    }
  | {
      readonly kind: "quadratic";
      /** Default 100. */
      readonly alpha?: number;
    }
  | ({ readonly kind: "midx" } & MidxOptions)
  | ({ readonly kind: "lsh" } & LshOptions)
  | ({ readonly kind: "fourier" } & FourierOptions);

export type SamplerOf<Options extends SamplerOptions> = Options extends { readonly kind: "in-batch" }
  ? InBatchSampler
  : Sampler;

/** A sampler that has the tools for itself. TypeError and RangeError name the argument. */
export async function createSamplerWith(
  tools: SamplerTools,
  given: SamplerOptions,
  classes: Classes,
): Promise<Sampler> {
  const options = samplerOptions(given);
  if (typeof classes !== "object" || classes === null) {
    throw new TypeError(`"classes" expected { rows, biases }, got ${kindOf(classes)}`);
  }
  checkClasses(classes.rows, classes.biases, classes.biases.length, dimOf(classes));
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
      return midxSampler(tools, classes, options);
    case "lsh":
      return lshSampler(tools, classes, options);
    case "quadratic":
      return quadraticSampler(tools, classes, options.alpha);
    case "fourier":
      return fourierSampler(tools, classes, options);
  }
}

const KINDS: readonly SamplerOptions["kind"][] = [
  ...(["full", "uniform", "unigram", "log-uniform", "in-batch", "midx", "lsh", "quadratic", "fourier"] as const),
];

/** Read once, and known to the sampler of that kind. */
function samplerOptions(given: SamplerOptions): SamplerOptions {
  const kind = given?.kind;
  if (!KINDS.includes(kind)) throw new RangeError(`"kind" expected one of ${KINDS.join(", ")}, got ${shown(kind)}`);
  const options = functionOptions(`createSampler of kind "${kind}"`, given);
  if (options.kind !== "midx" || options.fit === undefined) return options;
  return { ...options, fit: functionOptions('fit of createSampler of kind "midx"', options.fit, "fit") };
}
