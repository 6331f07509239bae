import { laneSums, sumLanes } from "./lanes.ts";

/**
 * ⟨a, b⟩ in f32. Products are rounded, lane l sums those of l, l + 4, …, and the lanes are joined as (0 + 2) + (1 + 3).
 */
export const dotF32 = (a: Float32Array, b: Float32Array): number =>
  sumLanes(laneSums(a.map((value, i) => value * (b[i] as number))));

/** ⟨a, b⟩ of integers, which is exact. */
export const dotIntegers = (a: ArrayLike<number>, b: Float32Array): number =>
  b.reduce((sum, value, i) => sum + value * (a[i] as number), 0);

/** ⟨query, row⟩ for `count` rows, (count, query.length): f32 (count). */
export const dotRows = (query: Float32Array, rows: Float32Array, count: number): Float32Array =>
  Float32Array.from({ length: count }, (_, i) =>
    dotF32(query, rows.subarray(i * query.length, (i + 1) * query.length)),
  );
