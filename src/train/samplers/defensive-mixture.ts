import { PURPOSE } from "../random/uniforms.ts";
import { checkDraw } from "./classes.ts";
import { planLogMixture } from "./log-mixture.ts";
import type { SampledClasses, Sampler } from "./sampler.ts";
import { drawUniforms, type SamplerTools } from "./tools.ts";

/**
 * Mixes a sampler with one that is broad: a draw is of `broad` with probability `share`, and otherwise of `sampler`, so
 *
 *   Q(i) = (1 − share) Q_sampler(i) + share Q_broad(i).
 *
 * A weight P(i) / Q(i) is then at most P(i) / (share · Q_broad(i)), however far the sampler is from P: a defensive mixture
 * (Hesterberg 1995). Where positions share the draws of a few of them, the others need it (docs/sequences.md).
 */
export function defensiveMixture(
  { train: { log64 }, newInstance, checksum }: Pick<SamplerTools, "train" | "newInstance" | "checksum">,
  sampler: Sampler,
  broad: Sampler,
  share: number,
): Sampler {
  const logShares = [log64(1 - share), log64(share)];
  const mix = planLogMixture(newInstance(), logShares.length);

  const logQ: Sampler["logQ"] = (query, ids, excluded) => {
    const mixed = mix([sampler.logQ(query, ids, excluded), broad.logQ(query, ids, excluded)], logShares);
    for (let i = 0; i < mixed.length; i++) if ((mixed[i] as number) > 0) mixed[i] = 0;
    return mixed;
  };

  return {
    ...sampler,
    draw(query, count, excluded, seed): SampledClasses {
      checkDraw(query, query.length, count, seed);
      const uniform = drawUniforms(checksum, query, seed, PURPOSE.component);
      const isBroad = new Uint8Array(count);
      let broadCount = 0;
      for (let i = 0; i < count; i++) if (uniform(i) < share) broadCount += isBroad[i] = 1;
      const own = sampler.draw(query, count - broadCount, excluded, seed).ids;
      const other = broad.draw(query, broadCount, excluded, ~seed).ids;
      const ids = new Int32Array(count);
      for (let i = 0, nextOwn = 0, nextOther = 0; i < count; i++) {
        ids[i] = (isBroad[i] ? other[nextOther++] : own[nextOwn++]) as number;
      }
      return { ids, logQ: logQ(query, ids, excluded) };
    },
    logQ,
  };
}
