/** 0 of nothing. */
export const mean = (values: Float64Array): number => values.reduce((a, b) => a + b, 0) / (values.length || 1);

/** The value that `share` of the values are below; NaN of nothing. */
export const quantile = (values: Float64Array, share: number): number =>
  values.slice().sort()[Math.min(values.length - 1, Math.floor(share * values.length))] ?? Number.NaN;
