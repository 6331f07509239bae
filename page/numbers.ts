// Formats numbers with a useful number of digits.

const whole = new Intl.NumberFormat("en");

export const count = (value: number): string => whole.format(value);

/** Formats a probability in percent, without the sign. */
export function percent(probability: number, significant = 3): string {
  const value = 100 * probability;
  if (value === 0) return "0";
  return value < 0.001 ? value.toExponential(1).replace("e-", "e−") : digits(value, significant);
}

export const megabytes = (bytes: number): string => `${digits(bytes / 1e6, 2)} MB`;

/** Formats a time in microseconds. */
export const duration = (microseconds: number): string =>
  microseconds < 1000 ? `${digits(microseconds, 2)} µs` : `${digits(microseconds / 1000, 2)} ms`;

/** Formats a number with `significant` digits, but at least all digits before the decimal point. */
export function digits(value: number, significant: number): string {
  if (value === 0) return "0";
  const before = Math.floor(Math.log10(Math.abs(value))) + 1;
  return value.toFixed(Math.max(0, significant - before));
}

/** Formats an effective sample size. */
export const worth = (value: number): string => (value < 10 ? digits(value, 2) : count(Math.round(value)));
