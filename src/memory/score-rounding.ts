/** Sums in f32 are off by about this part of the product of the norms, however much of it their terms cancel. */
export const SUM_ROUNDING = 2 ** -26;
/** The standard error of a value of a query for one step: values are off by half a step at most, and by any part of that. */
export const STEP_DEVIATION = 1 / Math.sqrt(12);
