import { type Examples, occurrences } from "../../train/model/examples.ts";
import type { SamplerFactory } from "../../train/model/train-options.ts";
import type { SamplerOptions } from "../../train/samplers/create.ts";
import { createSampler } from "../../train/samplers/create-inlined.ts";
import { MAX_DRAWS } from "../../train/samplers/midx/midx-options.ts";

/** The head size of midx-head, which costs as much as 64 further draws. */
const HEAD_SCAN = 64;
/** The number of queries that midx-learned is fitted to before each epoch. */
const FITTED_QUERIES = 256;

/** The samplers of `--sampler`. Each returns options of `createSampler`, and may use queries of the current model. */
const OPTIONS = {
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

export type SamplerName = "full" | keyof typeof OPTIONS;

/** The values of `--sampler`. `full` draws nothing and scores all classes. */
export const SAMPLERS = ["full", ...(Object.keys(OPTIONS) as (keyof typeof OPTIONS)[])] as const;

/** A sampler, and the share of the draws by frequency beside those of MIDX. Other samplers have none. */
export interface NamedSampler {
  readonly name: SamplerName;
  readonly unigramShare?: number | undefined;
  /** The most draws of a call. MIDX reserves memory for them if they are more than its default. */
  readonly negatives?: number | undefined;
}

/** True if the draws of a sampler can be beside draws by frequency. */
export const takesUnigramShare = (name: SamplerName): boolean => name === "midx" || name.startsWith("midx-");

/** Returns the factory of a sampler. Samplers that need counts take those of the examples. */
export const samplerNamed = (sampler: NamedSampler, { positives, classCount }: Examples): SamplerFactory | undefined =>
  samplerFor(sampler, positives.ids, classCount);

/** Returns the factory of a sampler for classes that occur as often as in `ids`. */
export function samplerFor(
  { name, unigramShare, negatives = 0 }: NamedSampler,
  ids: Int32Array,
  classCount: number,
): SamplerFactory | undefined {
  if (name === "full") return undefined;
  const counts = occurrences(ids, classCount);
  const room = takesUnigramShare(name) && negatives > MAX_DRAWS ? { maxDraws: negatives } : {};
  const shared = unigramShare !== undefined && takesUnigramShare(name) ? { unigramShare } : {};
  const named = shared.unigramShare === undefined ? name : `${name} with a unigram share of ${shared.unigramShare}`;
  return async (rows, biases, _, queries) => ({
    ...(await createSampler({ ...OPTIONS[name](queries), ...shared, ...room }, { rows, biases, counts })),
    name: named,
  });
}
