/** Smaller and larger powers of two are shown as powers: their digits tell a reader nothing. */
const LEAST_EXPONENT = 20;

/** Shows the range of a number in a message, such as "0 to 1", or "2^-20 to 2^20 (about 1e-6 to 1e6)". */
export function shownRange(low: number, high: number, to = " to "): string {
  const powers = [low, high].filter((limit) => exponentOf(limit) !== undefined);
  const sizes = powers.map((limit) => limit.toExponential(0).replace("+", "")); // one digit is enough
  const about = sizes.length > 0 ? ` (about ${sizes.join(" to ")})` : "";
  return `${shownLimit(low)}${to}${shownLimit(high)}${about}`;
}

function shownLimit(limit: number): string {
  const exponent = exponentOf(limit);
  return exponent === undefined ? `${limit}` : `${limit < 0 ? "-" : ""}2^${exponent}`;
}

/** Returns the exponent of a power of two that is shown as one, and undefined for any other number. */
function exponentOf(limit: number): number | undefined {
  const exponent = Math.log2(Math.abs(limit));
  const isPower = Number.isInteger(exponent) && 2 ** exponent === Math.abs(limit); // log₂(2^53 − 1) is rounded to 53
  return isPower && Math.abs(exponent) >= LEAST_EXPONENT ? exponent : undefined;
}
