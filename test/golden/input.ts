import type { BuildOptions } from "../../src/train/build/build-options.ts";
import type { Matrix } from "../../src/train/rows/matrix.ts";

// The input of the golden index and its queries: seeded numbers that are the same wherever integers are.

const ITEM_COUNT = 1000;
const DIM = 20;
const CLUSTERS = 37;
export const QUERY_COUNT = 1000;

/** Numbers in [−1, 1), multiples of 2^-23, by xorshift32. */
export function seededNumbers(count: number, seed: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length: count }, () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 8) / 2 ** 23 - 1;
  });
}

const centres = seededNumbers(CLUSTERS * DIM, 1);

/** f32 (count, DIM): rows near the centres, which take turns. */
function clusteredRows(count: number, seed: number): Float32Array {
  return seededNumbers(count * DIM, seed).map((noise, i) => {
    const cluster = Math.floor(i / DIM) % CLUSTERS;
    return 2 * (centres[cluster * DIM + (i % DIM)] as number) + noise / 2;
  });
}

const queries = clusteredRows(QUERY_COUNT, 3);

/** f32 (DIM): a query of length 1 to 8. */
export const goldenQuery = (number: number): Float32Array =>
  queries.subarray(number * DIM, (number + 1) * DIM).map((value) => value * 2 ** ((number % 4) - 2));

export const goldenMatrix: Matrix = { data: clusteredRows(ITEM_COUNT, 2), shape: [ITEM_COUNT, DIM] };

export const goldenOptions: BuildOptions = {
  bias: seededNumbers(ITEM_COUNT, 4).map((value) => 2 * value),
  bits: 4,
  fineCodes: true,
  seed: 5,
};
