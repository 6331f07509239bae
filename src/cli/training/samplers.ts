import { type Examples, occurrences } from "../../train/model/examples.ts";
import type { SamplerFactory } from "../../train/model/train-options.ts";
import { createSampler } from "../../train/samplers/create-inlined.ts";
import { MAX_DRAWS } from "../../train/samplers/midx/midx-options.ts";
import { SAMPLER_OPTIONS } from "./sampler-options.ts";

export type SamplerName = "full" | keyof typeof SAMPLER_OPTIONS;

/** The values of `--sampler`. `full` draws nothing and scores all classes. */
export const SAMPLERS = ["full", ...(Object.keys(SAMPLER_OPTIONS) as (keyof typeof SAMPLER_OPTIONS)[])] as const;

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
    ...(await createSampler({ ...SAMPLER_OPTIONS[name](queries), ...shared, ...room }, { rows, biases, counts })),
    name: named,
  });
}
