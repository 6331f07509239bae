import { build } from "./library.ts";
import { startNoise } from "./noise.ts";

const DIM = 64;
const CENTRES = 1000;

/** The file of an index of `itemCount` × 64 int8 rows around 1,000 centres, with biases. */
export async function madeUp(itemCount: number): Promise<Uint8Array<ArrayBuffer>> {
  const data = new Float32Array(itemCount * DIM);
  const bias = new Float32Array(itemCount);
  const next = startNoise();
  const centres = Float32Array.from({ length: CENTRES * DIM }, next);
  for (let row = 0; row < itemCount; row++) {
    const centre = (row % CENTRES) * DIM;
    for (let d = 0; d < DIM; d++) data[row * DIM + d] = (centres[centre + d] as number) + next() / 2;
    bias[row] = next();
  }
  return build({ data, shape: [itemCount, DIM] }, { bias });
}
