import { expect, test } from "vitest";
import { exp64, log64 } from "../../src/arithmetic/exp-log.ts";
import { describeKernels } from "../fixtures/kernels.ts";
import { randomRows } from "../train/rows.ts";

/** Every binary exponent with mantissas on both sides of sqrt(2), numbers around 1, and random ones. */
const POSITIVE = [
  ...Array.from({ length: 2098 }, (_, i) => 2 ** (i - 1074)).flatMap((power) =>
    [1, 1.3, Math.SQRT2, Math.SQRT2 * (1 - 2 ** -52), 1.75].map((mantissa) => power * mantissa),
  ),
  ...Array.from({ length: 4000 }, (_, i) => 1 + (i - 2000) / 2500),
  ...Array.from({ length: 53 }, (_, i) => 1 - 2 ** (-i - 1)),
  ...Array.from(randomRows(20_000, 1), (value) => Math.abs(value) * 10),
];
const SPECIAL = [0, -0, -1, -5e-324, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.MAX_VALUE];
const EXPONENTS = [
  ...Array.from({ length: 60_001 }, (_, i) => (i - 30_000) / 40),
  ...Array.from(randomRows(20_000, 2), (value) => 746 * value),
  ...Array.from({ length: 2000 }, (_, i) => (i - 1000 + 0.5) * Math.LN2), // ties of the rounding to integers
  ...[709.782712893384, 709.7827128933841, -745.1332191019411, -745.1332191019412, 1e-300, -1e-300],
];

describeKernels("without WebAssembly", (kernels) => {
  test("log64 has the bits of the kernel", () => {
    for (const x of [...POSITIVE, ...SPECIAL]) expect(Object.is(log64(x), kernels.log64(x)), `log ${x}`).toBe(true);
  });

  test("exp64 has the bits of the kernel", () => {
    for (const x of [...EXPONENTS, ...POSITIVE, ...SPECIAL]) {
      if (Number.isNaN(x)) continue; // the kernel is not asked for it
      expect(Object.is(exp64(x), kernels.exp64(x)), `exp ${x}`).toBe(true);
    }
  });
});
