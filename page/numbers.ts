// Numbers as text, with as many digits as tell something.

const whole = new Intl.NumberFormat("en");

export const count = (value: number): string => whole.format(value);

/** A probability in percent, three digits of it, without the sign. */
export function percent(probability: number): string {
  const value = 100 * probability;
  if (value === 0) return "0";
  return value < 0.001 ? value.toExponential(1).replace("e-", "e−") : digits(value, 3);
}

export const megabytes = (bytes: number): string => `${digits(bytes / 1e6, 2)} MB`;

/** A time given in microseconds. */
export const duration = (microseconds: number): string =>
  microseconds < 1000 ? `${digits(microseconds, 2)} µs` : `${digits(microseconds / 1000, 2)} ms`;

/** So many significant digits, but no fewer than stand before the point. */
export function digits(value: number, significant: number): string {
  if (value === 0) return "0";
  const before = Math.floor(Math.log10(Math.abs(value))) + 1;
  return value.toFixed(Math.max(0, significant - before));
}
