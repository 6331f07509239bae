import { compileInlined } from "../../memory/compile-inlined.ts";
import { buildKernels } from "../runtime/kernels-inlined.ts";
import type { Classes } from "./classes.ts";
import { createSamplerWith, type SamplerOf, type SamplerOptions } from "./create.ts";

/**
 * Makes a sampler of negatives for a sampled softmax. "midx" follows the query. The other kinds are common alternatives to
 * compare with (see SamplerOptions). Every sampler gives the exact, normalised log Q of its draws. The arrays of `classes`
 * are copied.
 *
 * @param options The kind of the sampler, and its options.
 * @param classes The class vectors, and counts for the kinds that need them.
 * @returns The sampler.
 * @throws TypeError or RangeError that names the argument.
 *
 * @example
 * const rows = Float32Array.from({ length: 100 * 8 }, (_, i) => Math.sin(i)); // 100 classes, dim 8
 * const biases = new Float32Array(100);
 * const sampler = await createSampler({ kind: "midx" }, { rows, biases });
 * const query = rows.slice(0, 8);
 * const { ids, logQ } = sampler.draw(query, 20, [0], 1n); // 20 draws, none of class 0
 * console.log(ids, logQ);
 * // After some steps of training have changed the rows:
 * rows[0] += 0.5;
 * const { kind, moved, seconds } = sampler.refresh(rows, biases);
 * console.log(kind, moved, seconds);
 */
export async function createSampler<const Options extends SamplerOptions>(
  options: Options,
  classes: Classes,
): Promise<SamplerOf<Options>> {
  const tools = { ...(await buildKernels()), modules: compileInlined };
  return (await createSamplerWith(tools, options, classes)) as SamplerOf<Options>;
}
