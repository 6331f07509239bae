import { startArena } from "../runtime/arena.ts";
import { type Classes, dimOf } from "./classes.ts";
import { enumeratedSampler } from "./enumerated.ts";
import { placeRows } from "./resident-rows.ts";
import type { Sampler } from "./sampler.ts";
import type { SamplerTools } from "./tools.ts";

const DEFAULT_ALPHA = 100;

/**
 * q ∝ α (z·v)² + 1 (Blanc & Rendle 2018, α = 100), by looking at every class, O(N · dim) a query: a reference for what
 * the kernel is worth as a proposal, not for its time, which a tree of moments would make O(dim² log N) a draw.
 */
export function quadraticSampler(tools: SamplerTools, classes: Classes, alpha = DEFAULT_ALPHA): Sampler {
  const itemCount = classes.biases.length;
  const dim = dimOf(classes);
  const held = placeRows(tools.train, startArena(tools.train), itemCount, dim);
  const masses = new Float64Array(itemCount);
  held.set(classes.rows);
  return enumeratedSampler(tools, {
    name: "quadratic",
    itemCount,
    dim,
    weigh(query) {
      const products = held.products(query);
      for (let id = 0; id < itemCount; id++) masses[id] = alpha * (products[id] as number) ** 2 + 1;
      return { masses, logMass: (id) => tools.train.log64(masses[id] as number) };
    },
    take: held.set,
  });
}
