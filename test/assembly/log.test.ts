import { expect, test } from "vitest";
import { describeKernels } from "../fixtures/kernels.ts";
import { reference } from "../reference/index.ts";
import { ulpsBetween } from "./ulps.ts";

/**
 * Our result and V8's are each within 1 ulp of the true value (measured 0.75 and 0.79), so they differ by at most 2.
 */
const LOG64_ULPS = 2;

/**
 * Every binary exponent from the smallest subnormal to the largest double with three mantissas each, and numbers around
 * 1.
 */
const ARGUMENTS = [
  ...Array.from({ length: 2098 }, (_, i) => 2 ** (i - 1074)).flatMap((power) => [power, power * 1.3, power * 1.75]),
  ...Array.from({ length: 4000 }, (_, i) => 1 + (i - 2000) / 2500),
  ...Array.from({ length: 52 }, (_, i) => 1 + 2 ** -i),
  ...Array.from({ length: 53 }, (_, i) => 1 - 2 ** (-i - 1)),
];

test("the reference is within 2 ulps of Math.log", () => {
  for (const x of ARGUMENTS) {
    expect(ulpsBetween(reference.log64(x), Math.log(x)), `log ${x}`).toBeLessThanOrEqual(LOG64_ULPS);
  }
});

describeKernels("log64", (kernels) => {
  test("is within 2 ulps of Math.log, subnormal arguments included", () => {
    for (const x of ARGUMENTS) {
      expect(ulpsBetween(kernels.log64(x), Math.log(x)), `log ${x}`).toBeLessThanOrEqual(LOG64_ULPS);
    }
  });

  test("equals the reference bit for bit", () => {
    for (const x of ARGUMENTS) expect(Object.is(kernels.log64(x), reference.log64(x)), `log ${x}`).toBe(true);
  });

  test.each([
    [1, 0],
    [0, Number.NEGATIVE_INFINITY],
    [-0, Number.NEGATIVE_INFINITY],
    [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
    [-5e-324, Number.NaN],
    [-1, Number.NaN],
    [Number.NEGATIVE_INFINITY, Number.NaN],
    [Number.NaN, Number.NaN],
  ])("of %d is %d", (x, expected) => {
    expect(kernels.log64(x)).toBe(expected);
  });

  test("undoes exp64 to 3e-16 of 1 + |x|", () => {
    for (let x = -700; x <= 700; x += 0.73) {
      expect(Math.abs(kernels.log64(kernels.exp64(x)) - x), `x = ${x}`).toBeLessThanOrEqual(3e-16 * (1 + Math.abs(x)));
    }
  });
});
