/** Returns the mean of the values, or 0 where there are none. */
export const mean = (values: Float64Array): number => values.reduce((a, b) => a + b, 0) / (values.length || 1);

/** Returns the value that a `share` of the values lies below, or NaN where there are none. */
export const quantile = (values: Float64Array, share: number): number =>
  values.slice().sort()[Math.min(values.length - 1, Math.floor(share * values.length))] ?? Number.NaN;
