import { kindOf } from "../checks/check.ts";
import { givenOptions } from "../checks/known-options.ts";
import type { BuildOptions, FeatureTable } from "./build/build-options.ts";
import type { EvaluateOptions } from "./evaluation/evaluate.ts";
import type { MeasureOptions } from "./evaluation/measure.ts";
import type { FitOptions } from "./fitting/fit-options.ts";
import type { LossInput } from "./loss/loss-input.ts";
import type { TrainOptions } from "./model/train-options.ts";
import type { FourierOptions } from "./samplers/fourier.ts";
import type { LshOptions } from "./samplers/lsh.ts";
import type { MidxOptions, SamplerFit } from "./samplers/midx.ts";

/** All of them, so that a new one is not forgotten here. */
type Names<Options> = Readonly<Record<keyof Options, true>>;

const build: Names<BuildOptions> = {
  ...{ bias: true, counts: true, labels: true, features: true, quantizer: true, bits: true, rows: true },
  ...{ fineCodes: true, queries: true, fit: true, metric: true, seed: true, warmFrom: true, warmPasses: true },
  ...{ onProgress: true, onReport: true, signal: true },
};
const features: Names<FeatureTable> = { data: true, shape: true, positions: true, labels: true, pooling: true };
const fit: Names<FitOptions> = { scan: true };
const evaluate: Names<EvaluateOptions> = {
  ...{ scan: true, rescore: true, recall: true, draws: true, seed: true, counts: true, onProgress: true, signal: true },
};
const measure: Names<MeasureOptions> = { scan: true, rescore: true, draws: true, seed: true };
const train: Names<TrainOptions> = {
  ...{ dim: true, hidden: true, epochs: true, batch: true, optimiser: true, rate: true, weightDecay: true },
  ...{ sampler: true, negatives: true, form: true, refreshEvery: true, heldOut: true, heldOutRows: true },
  ...{ patience: true, seed: true, resume: true, onProgress: true, onRefresh: true, onEpoch: true, signal: true },
};
const midx: Names<MidxOptions> = {
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
const samplerFit: Names<SamplerFit> = { queries: true, kept: true };
const lsh: Names<LshOptions> = { tables: true, bits: true, uniformShare: true, seed: true };
const fourier: Names<FourierOptions> = { frequencies: true, sharpness: true, seed: true };
const loss: Names<LossInput> = { form: true, query: true, positives: true, sampled: true };

/** The options that each function knows, and each object among its options or arguments. */
const FUNCTION_OPTIONS = {
  build,
  "features of build": features,
  "fit of build": fit,
  evaluate,
  measure,
  train,
  evaluateModel: { k: true, rows: true },
  queries: { rows: true },
  'createSampler of kind "full"': { kind: true },
  'createSampler of kind "uniform"': { kind: true },
  'createSampler of kind "log-uniform"': { kind: true },
  'createSampler of kind "in-batch"': { kind: true },
  'createSampler of kind "unigram"': { kind: true, power: true },
  'createSampler of kind "quadratic"': { kind: true, alpha: true },
  'createSampler of kind "midx"': { kind: true, ...midx },
  'createSampler of kind "lsh"': { kind: true, ...lsh },
  'createSampler of kind "fourier"': { kind: true, ...fourier },
  'fit of createSampler of kind "midx"': samplerFit,
  sampledSoftmaxLoss: loss,
} as const;

export type FunctionName = keyof typeof FUNCTION_OPTIONS;

/** What a function is given as `argument`, read once. TypeError names an option that is unknown or null. */
export function functionOptions<Options extends object>(
  name: FunctionName,
  given: Options,
  argument = "options",
): Options {
  const options = givenOptions(name, given, Object.keys(FUNCTION_OPTIONS[name]), argument);
  for (const [option, value] of Object.entries(options)) {
    if (/^on[A-Z]/.test(option) && typeof value !== "function") {
      throw new TypeError(`"${option}" expected a function, got ${kindOf(value)}`);
    }
    if (option === "signal" && typeof Object(value).throwIfAborted !== "function") {
      throw new TypeError(`"signal" expected an AbortSignal, got ${kindOf(value)}`);
    }
  }
  return options as Options;
}

/** RangeError for options that mean nothing without `other`, which is not given. */
export function requireBeside(other: string, options: object, names: readonly string[]): void {
  for (const name of names) {
    if ((options as Record<string, unknown>)[name] === undefined) continue;
    throw new RangeError(`"${name}" expected "${other}" beside it, without which it changes nothing`);
  }
}
