import { checkNumber, MAGNITUDE_LIMIT } from "../../checks/check.ts";
import { startArena } from "../runtime/arena.ts";
import { type Classes, dimOf } from "./classes.ts";
import { enumeratedSampler } from "./enumerated.ts";
import { placeRows } from "./resident-rows.ts";
import type { Sampler } from "./sampler.ts";
import type { SamplerTools } from "./tools.ts";

const DEFAULT_ALPHA = 100;

/**
 * Draws with q ∝ α (z·v)² + 1 (Blanc & Rendle 2018, α = 100). It computes the mass of every class, O(N · dim) per query, so
 * it is a reference for the quality of the proposal and not for its time. A tree of moments would take O(dim² log N) per
 * draw.
 */
export function quadraticSampler(tools: SamplerTools, classes: Classes, alpha = DEFAULT_ALPHA): Sampler {
  checkNumber("alpha", alpha, 0, MAGNITUDE_LIMIT);
  const itemCount = classes.biases.length;
  const dim = dimOf(classes);
  const resident = placeRows(tools.train, startArena(tools.train), itemCount, dim);
  const masses = new Float64Array(itemCount);
  resident.set(classes.rows);
  return enumeratedSampler(tools, {
    name: "quadratic",
    itemCount,
    dim,
    weigh(query) {
      const products = resident.products(query);
      for (let id = 0; id < itemCount; id++) masses[id] = alpha * (products[id] as number) ** 2 + 1;
      return { masses, logMass: (id) => tools.train.log64(masses[id] as number) };
    },
    update: resident.set,
  });
}
