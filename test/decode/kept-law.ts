import { chainOf } from "../../src/decode/chain.ts";
import { keep } from "../../src/decode/decode.ts";
import type { DecodeOptions } from "../../src/decode/decode-options.ts";
import type { Decoded } from "../../src/decode/decoded.ts";
import type { Open } from "../fixtures/open.ts";
import type { ReferenceLaw } from "../reference/decode.ts";

/** Decodes, and gives the whole law that the class was drawn from with the answer. Something must be truncated. */
export function keptLaw(
  { index, opened }: Open,
  query: Float32Array,
  options: DecodeOptions & { readonly seed: number },
  maxK = 64,
): { readonly law: ReferenceLaw; readonly answer: Decoded } {
  const answer = index.decode(query, options); // leaves the query and the conditions in place
  const chain = chainOf(options, options.temperature, { prefix: "", checkK: (k) => k });
  const { certain = false, targetError = 0.05, seed } = options;
  const { truncation, kept } = keep(opened, {
    chain,
    certain,
    targetError,
    seed: BigInt(seed),
    maxK,
    maxRanked: Number.POSITIVE_INFINITY,
    topCount: undefined,
  });
  const { ids, scores } = truncation.ranked;
  const masses = truncation.at(chain.temperature);
  const probabilities = Array.from(scores.subarray(0, kept), (score) => Math.exp(masses.logProbability(score, kept)));
  return { law: { ids: Array.from(ids.subarray(0, kept)), probabilities }, answer };
}
