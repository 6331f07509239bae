import { checkNumber } from "../../checks/check.ts";
import { fillWith } from "../arithmetic/fill-with.ts";
import { type Classes, dimOf, neededCounts } from "./classes.ts";
import { fixedSampler } from "./fixed.ts";
import type { Sampler } from "./sampler.ts";
import type { SamplerTools } from "./tools.ts";

const DEFAULT_POWER = 0.75;
/** With a larger power, the mass of 2^40 occurrences would exceed f64. */
const MOST_POWER = 16;

/** Draws with q ∝ count^power, independent of the query. Mikolov et al. (2013) use the power .75. */
export function unigramSampler(tools: SamplerTools, classes: Classes, power = DEFAULT_POWER): Sampler {
  checkNumber("power", power, -MOST_POWER, MOST_POWER);
  const counts = positiveCounts(neededCounts("unigram", classes));
  const { exp64, log64 } = tools.train;
  const masses = fillWith(new Float64Array(counts.length), (id) => exp64(power * log64(counts[id] as number)));
  return fixedSampler(tools, "unigram", dimOf(classes), masses);
}

/** Replaces counts of 0 by the smallest positive count, because a class that is never drawn would bias every sum. */
export function positiveCounts(counts: Float32Array): Float32Array {
  let least = Number.POSITIVE_INFINITY;
  for (const count of counts) if (count > 0 && count < least) least = count;
  const rarest = Number.isFinite(least) ? least : 1;
  return counts.map((count) => (count > 0 ? count : rarest));
}
