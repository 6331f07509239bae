import type { SamplerFactory } from "../../train/model/train-options.ts";
import type { SamplerOptions } from "../../train/samplers/create.ts";

/** The head size of midx-head, which costs as much as 64 further draws. */
const HEAD_SCAN = 64;
/** The number of queries that midx-learned is fitted to before each epoch. */
const FITTED_QUERIES = 256;

/** The samplers of `--sampler`. Each returns options of `createSampler`, and may use queries of the current model. */
export const SAMPLER_OPTIONS = {
  midx: () => ({ kind: "midx" }),
  "midx-pq": () => ({ kind: "midx", quantizer: "pq" }),
  "midx-head": () => ({ kind: "midx", scan: HEAD_SCAN }),
  "midx-learned": (queries) => ({ kind: "midx", fit: { queries: queries(FITTED_QUERIES) } }),
  uniform: () => ({ kind: "uniform" }),
  unigram: () => ({ kind: "unigram" }),
  "log-uniform": () => ({ kind: "log-uniform" }),
  lsh: () => ({ kind: "lsh" }),
  quadratic: () => ({ kind: "quadratic" }),
  fourier: () => ({ kind: "fourier" }),
} as const satisfies Record<string, (queries: Parameters<SamplerFactory>[3]) => SamplerOptions>;
