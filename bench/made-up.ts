import type { BuildOptions } from "../src/train/build/build-options.ts";
import { build } from "./library.ts";
import { startNoise } from "./noise.ts";

const CENTRES = 1000;

/** Makes the file of an index of `itemCount` × `dim` rows around 1,000 centres, with biases. */
export async function madeUp(
  itemCount: number,
  dim = 64,
  options: BuildOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const data = new Float32Array(itemCount * dim);
  const bias = new Float32Array(itemCount);
  const next = startNoise();
  const centres = Float32Array.from({ length: CENTRES * dim }, next);
  for (let row = 0; row < itemCount; row++) {
    const centre = (row % CENTRES) * dim;
    for (let d = 0; d < dim; d++) data[row * dim + d] = (centres[centre + d] as number) + next() / 2;
    bias[row] = next();
  }
  return build({ data, shape: [itemCount, dim] }, { ...options, bias });
}
