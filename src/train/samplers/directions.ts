import { PURPOSE, uniforms } from "../random/uniforms.ts";
import type { TrainKernels } from "../runtime/kernels.ts";
import { cosineAndSine } from "./circular.ts";

/**
 * Returns f32 (count, dim) of independent standard normal numbers (Box & Muller). A seed gives the same in every runtime.
 */
export function normalRows(
  { log64 }: Pick<TrainKernels, "log64">,
  count: number,
  dim: number,
  seed: bigint,
): Float32Array {
  const uniform = uniforms({ seed, purpose: PURPOSE.directions, codebook: 0, restart: 0 });
  return Float32Array.from({ length: count * dim }, (_, i) => {
    const radius = Math.sqrt(-2 * log64(1 - uniform(2 * i)));
    return radius * cosineAndSine(2 * Math.PI * uniform(2 * i + 1))[0];
  });
}
