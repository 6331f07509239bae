/** Formats a number with three significant digits, and without an exponent unless it is tiny. */
export function digits(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "–" : value > 0 ? "∞" : "−∞";
  const magnitude = Math.abs(value);
  if (magnitude >= 1000) return Math.round(value).toLocaleString("en");
  if (magnitude !== 0 && magnitude < 1e-5) return value.toExponential(1);
  return String(Number(value.toPrecision(3)));
}

/** Formats a share in percent: a dash for a share of nothing. The space in front of the sign does not break. */
export const percent = (share: number): string => (Number.isNaN(share) ? "–" : `${digits(100 * share)}\u00a0%`);
export const megabytes = (bytes: number): string => `${digits(bytes / 1e6)} MB`;
export const dollars = (amount: number): string => `$${Number(amount.toPrecision(2))}`;
/** Converts an error of log Z into a relative error of Z. */
export const relative = (logError: number): number => Math.expm1(Math.abs(logError));
