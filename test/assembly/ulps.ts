const scratch = new DataView(new ArrayBuffer(8));

/**
 * The distance of a and b in doubles: 0 for equal bits or ±0, 1 for neighbours. NaN differs from everything but NaN.
 */
export function ulpsBetween(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Object.is(a, b) ? 0 : Number.POSITIVE_INFINITY;
  return Math.abs(Number(order(a) - order(b)));
}

/** The rank of a double among all doubles, 0 at 0. */
function order(x: number): bigint {
  scratch.setFloat64(0, x);
  const bits = scratch.getBigInt64(0);
  return bits < 0n ? -(bits & 0x7fffffffffffffffn) : bits;
}
