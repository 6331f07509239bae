import { log64 } from "../../arithmetic/exp-log.ts";
import { drawSeed } from "../random/draw-seed.ts";
import type { LogMixture } from "../samplers/log-mixture.ts";
import type { SampledClasses, Sampler } from "../samplers/sampler.ts";

const NONE = new Int32Array(0);

/** The settings for the draws of a sequence. */
export interface SharedOptions {
  readonly negatives: number;
  /** The most positions whose proposals are mixed. */
  readonly proposals: number;
}

/**
 * Draws classes for all positions of a sequence: m_r of them from the proposal of each of R evenly spaced positions, where
 * the m_r differ by at most 1. log Q is that of the mixture Q̄(i) = Σ_r (m_r / M) Q_r(i), so Σ_j f(j) / (M Q̄(j)) is
 * unbiased for Σ_i f(i) (the balance heuristic of Veach & Guibas 1995), and varies less than with a position chosen for
 * each draw. A sampler that does not depend on the query draws once.
 *
 * queries: f32 (positions, dim).
 */
export function drawFromMixture(
  mix: LogMixture,
  sampler: Sampler,
  queries: Float32Array,
  dim: number,
  { negatives, proposals }: SharedOptions,
  seed: bigint,
): SampledClasses {
  const positions = queries.length / dim;
  const count = sampler.adaptive ? Math.min(proposals, positions, negatives) : 1;
  const queryAt = (r: number): Float32Array => {
    const position = Math.floor(((2 * r + 1) * positions) / (2 * count));
    return queries.slice(position * dim, (position + 1) * dim);
  };
  if (count === 1) return sampler.draw(queryAt(0), negatives, NONE, drawSeed(seed, 0));
  const ids = new Int32Array(negatives);
  const firstOf = (r: number): number => Math.floor((r * negatives) / count);
  const components = Array.from({ length: count }, (_, r) => {
    const [query, drawCount] = [queryAt(r), firstOf(r + 1) - firstOf(r)];
    ids.set(sampler.draw(query, drawCount, NONE, drawSeed(seed, r)).ids, firstOf(r));
    return { query, logShare: log64(drawCount / negatives) };
  });
  // The last component comes first: a sampler may still have the proposal of the query that it drew for last.
  const logs = components.toReversed().map(({ query }) => sampler.logQ(query, ids, NONE));
  const logQ = mix(
    logs.toReversed(),
    components.map(({ logShare }) => logShare),
  );
  return { ids, logQ };
}
