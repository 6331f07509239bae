export const LN2_HIGH = 0.6931471803691238; // the last 20 bits are zero, so k · LN2_HIGH is exact
export const LN2_LOW = 1.9082149292705877e-10;

/** coefficients[0] + x · (coefficients[1] + x · (…)) */
export function horner(coefficients: readonly number[], x: number): number {
  return coefficients.reduceRight((sum, coefficient) => coefficient + x * sum);
}

/** The nearest integer, ties to even. */
export function roundToEven(x: number): number {
  const down = Math.floor(x);
  const rest = x - down;
  return down + Number(rest > 0.5 || (rest === 0.5 && down % 2 !== 0));
}
