import { compileInlined } from "../../memory/compile-inlined.ts";
import { buildKernels } from "../runtime/kernels-inlined.ts";
import type { Classes } from "./classes.ts";
import { createSamplerWith, type SamplerOf, type SamplerOptions } from "./create.ts";

/**
 * A sampler of classes for a sampled-softmax loss: "midx", whose draws follow the query, or one of the usual ones to
 * compare with: "uniform", "unigram", "log-uniform", "in-batch", "lsh", "quadratic", "fourier", and "full", the softmax
 * itself. Each says with its draws the log of the exact, normalised probability they were drawn with.
 *
 * @throws TypeError and RangeError that name the argument.
 *
 * @example
 * const sampler = await createSampler({ kind: "midx" }, { rows, biases, counts });
 * const { ids, logQ } = sampler.draw(query, 100, [label], 1n);
 * // every so many steps, when rows have moved:
 * const { kind, moved, seconds } = sampler.refresh(rows, biases);
 */
export async function createSampler<const Options extends SamplerOptions>(
  options: Options,
  classes: Classes,
): Promise<SamplerOf<Options>> {
  const tools = { ...(await buildKernels()), modules: compileInlined };
  return (await createSamplerWith(tools, options, classes)) as SamplerOf<Options>;
}
