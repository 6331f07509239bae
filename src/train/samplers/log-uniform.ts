import { type Classes, dimOf, neededCounts } from "./classes.ts";
import { fixedSampler } from "./fixed.ts";
import type { Sampler } from "./sampler.ts";
import type { SamplerTools } from "./tools.ts";

/**
 * Zipf's law by rank, as in TensorFlow's log_uniform_candidate_sampler: the class of rank r = 0, 1, … has probability
 * log((r + 2) / (r + 1)) / log(N + 1). Classes are ranked by count, largest first, and ties go to the lower id.
 */
export function logUniformSampler(tools: SamplerTools, classes: Classes): Sampler {
  const counts = neededCounts("log-uniform", classes);
  const order = Array.from(counts.keys()).sort((a, b) => (counts[b] as number) - (counts[a] as number));
  const masses = new Float64Array(order.length);
  for (const [rank, id] of order.entries()) masses[id] = tools.train.log64((rank + 2) / (rank + 1));
  return fixedSampler(tools, "log-uniform", dimOf(classes), masses);
}
