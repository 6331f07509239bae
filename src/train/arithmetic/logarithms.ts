/** The exponential and the logarithm of the kernels, which give the same bits in every runtime. `Math` does not. */
export interface Logarithms {
  exp64(x: number): number;
  log64(x: number): number;
}

/** log Σ e^value, summed from left to right. The largest value is subtracted first, so nothing overflows. */
export function logSumExp({ exp64, log64 }: Logarithms, values: Float32Array | Float64Array): number {
  let top = Number.NEGATIVE_INFINITY;
  for (const value of values) if (value > top) top = value;
  let sum = 0;
  for (const value of values) sum += exp64(value - top);
  return top + log64(sum);
}
