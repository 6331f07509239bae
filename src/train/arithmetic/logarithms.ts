/** The exponential and the logarithm of a module of kernels: those of the host have other bits in other runtimes. */
export interface Logarithms {
  exp64(x: number): number;
  log64(x: number): number;
}

/** log Σ e^value, from left to right. The largest is taken out first, so that neither end of the range of doubles is met. */
export function logSumExp({ exp64, log64 }: Logarithms, values: Float32Array | Float64Array): number {
  let top = Number.NEGATIVE_INFINITY;
  for (const value of values) if (value > top) top = value;
  let sum = 0;
  for (const value of values) sum += exp64(value - top);
  return top + log64(sum);
}
