import { copyIds } from "../../index/copied-arguments.ts";
import { type Classes, checkClasses, checkDraw, checkQuery, dimOf, readExcluded } from "./classes.ts";
import type { Sampler } from "./sampler.ts";
import { skipping } from "./skipping.ts";
import { drawUniforms, type SamplerTools } from "./tools.ts";

/** Draws every class with the same probability. */
export function uniformSampler({ train, checksum }: SamplerTools, classes: Classes): Sampler {
  const itemCount = classes.biases.length;
  const dim = dimOf(classes);
  return {
    name: "uniform",
    adaptive: false,
    draw(query, count, excluded, seed) {
      checkDraw(query, dim, count, seed);
      const excludedIds = readExcluded(excluded, itemCount);
      const uniform = drawUniforms(checksum, query, seed);
      const left = itemCount - excludedIds.size;
      const idAt = skipping([...excludedIds]);
      const ids = new Int32Array(count);
      for (let i = 0; i < count; i++) ids[i] = idAt(Math.floor(uniform(i) * left));
      return { ids, logQ: new Float64Array(count).fill(-train.log64(left)) };
    },
    logQ(query, ids, excluded) {
      checkQuery(query, dim);
      const excludedIds = readExcluded(excluded, itemCount);
      const each = -train.log64(itemCount - excludedIds.size);
      return Float64Array.from(copyIds("ids", ids, itemCount), (id) =>
        excludedIds.has(id) ? Number.NEGATIVE_INFINITY : each,
      );
    },
    refresh(rows, biases) {
      checkClasses(rows, biases, itemCount, dim);
      return { kind: "none", moved: 0, seconds: 0 };
    },
  };
}
