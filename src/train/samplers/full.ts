import { startArena } from "../runtime/arena.ts";
import { type Classes, dimOf } from "./classes.ts";
import { enumeratedSampler } from "./enumerated.ts";
import { placeRows } from "./resident-rows.ts";
import type { Sampler } from "./sampler.ts";
import type { SamplerTools } from "./tools.ts";

/** Draws from the softmax itself, O(N · dim) per query. The other samplers are compared with it. */
export function fullSampler(tools: SamplerTools, classes: Classes): Sampler {
  const { train } = tools;
  const itemCount = classes.biases.length;
  const dim = dimOf(classes);
  const resident = placeRows(train, startArena(train), itemCount, dim);
  const logits = new Float64Array(itemCount);
  const masses = new Float64Array(itemCount);
  let biases = classes.biases.slice();
  resident.set(classes.rows);
  return enumeratedSampler(tools, {
    name: "full",
    itemCount,
    dim,
    weigh(query, excludedIds) {
      const products = resident.products(query);
      let top = Number.NEGATIVE_INFINITY;
      for (let id = 0; id < itemCount; id++) {
        const logit = (products[id] as number) + (biases[id] as number);
        logits[id] = logit;
        if (logit > top && !excludedIds.has(id)) top = logit;
      }
      for (let id = 0; id < itemCount; id++)
        masses[id] = excludedIds.has(id) ? 0 : train.exp64((logits[id] as number) - top);
      return { masses, logMass: (id) => (logits[id] as number) - top };
    },
    update(rows, changed) {
      resident.set(rows);
      biases = changed.slice();
    },
  });
}
