const scratch = new DataView(new ArrayBuffer(8));

/** How many doubles lie between a and b, plus one if they differ: 0 for equal bits or ±0; NaN differs from all but NaN. */
export function ulpsBetween(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Object.is(a, b) ? 0 : Number.POSITIVE_INFINITY;
  return Math.abs(Number(order(a) - order(b)));
}

/** The place of a double among all doubles, 0 at 0. */
function order(x: number): bigint {
  scratch.setFloat64(0, x);
  const bits = scratch.getBigInt64(0);
  return bits < 0n ? -(bits & 0x7fffffffffffffffn) : bits;
}
