import { describe, expect, test } from "vitest";
import { Arena } from "../fixtures/arena.ts";
import { describeKernels, type Kernels } from "../fixtures/kernels.ts";
import { reference } from "../reference/index.ts";
import { ulpsBetween } from "./ulps.ts";

/**
 * The relative error of exp4, measured as 8.16e-8 over all 644 million f32 of [−87, 88] beyond ±2^-32 (closer to 0 it
 * is 1). To first order with u = 2^-24, it is largest at r = −½ ln 2, where 1 + (r + p r²) is √½: its two sums give u/2
 * and u/4, the three roundings of p r² give 0.17 u, all over √½; r and k times ln 2's second part give 0.27 u, and the
 * polynomial itself 0.045 u. The bound is 1.7 u = 1.0e-7.
 */
const EXP4_RELATIVE_ERROR = 8.2e-8;

/**
 * Our result and V8's are each within 1 ulp of the true value (measured 0.82 against 256-bit fixed point), so they
 * differ by at most 2.
 */
const EXP64_ULPS = 2;

describeKernels("expInto", (kernels) => {
  test("is e^x within 8.2e-8 of it over the whole range", () => {
    const steps = 1 << 19;
    const values = Float32Array.from({ length: steps }, (_, i) => -87 + (175 * i) / (steps - 1));
    const { out } = expInto(kernels, values, 0, 1);
    let worst = 0;
    for (const [i, value] of values.entries()) {
      worst = Math.max(worst, Math.abs((out[i] as number) / Math.exp(value) - 1));
    }
    expect(worst).toBeLessThan(EXP4_RELATIVE_ERROR);
    expect(worst).toBeGreaterThan(EXP4_RELATIVE_ERROR / 2); // the bound is not loose
  });

  test("equals the reference bit for bit, sum included", () => {
    for (const count of [0, 4, 8, 12, 64, 1000, 4096]) {
      const values = Float32Array.from({ length: count }, (_, i) => 90 * Math.sin(1.7 * i));
      for (const shift of [0, 3.25, -1e-3]) {
        for (const scale of [1, 2, 1 / 3.7, 1e-6, 1e6]) {
          const expected = reference.expInto(values, shift, scale);
          expect(expInto(kernels, values, shift, scale), `shift ${shift}, scale ${scale}`).toEqual(expected);
        }
      }
    }
  });

  test("gives exactly 1 if value and shift are equal, whatever the scale", () => {
    for (const scale of [1, 0, 1e-30, 1e30]) {
      const { out, sum } = expInto(kernels, new Float32Array(8).fill(-123.456), -123.456, scale);
      expect(out).toEqual(new Float32Array(8).fill(1));
      expect(sum).toBe(8);
    }
  });

  test("scales the difference from the shift, not the value", () => {
    const values = Float32Array.of(2 ** 24, 2 ** 24 - 2, 2 ** 24 - 20, 0);
    const { out } = expInto(kernels, values, 2 ** 24, 0.5);
    expect(out).toEqual(expInto(kernels, Float32Array.of(0, -1, -10, -1e9), 0, 1).out);
  });

  test("clamps its argument to [−87, 88], infinities and NaN included", () => {
    const less = Float32Array.of(-87, -88, -1e30, Number.NEGATIVE_INFINITY);
    const more = Float32Array.of(88, 89, Number.POSITIVE_INFINITY, Number.NaN);
    expect(expInto(kernels, less, 0, 1).out).toEqual(
      new Float32Array(4).fill(reference.expInto(less, 0, 1).out[0] as number),
    );
    expect(expInto(kernels, more, 0, 1).out).toEqual(
      new Float32Array(4).fill(reference.expInto(more, 0, 1).out[0] as number),
    );
  });

  test("works in place and up to the last byte of memory", () => {
    const arena = new Arena(kernels);
    const values = Float32Array.of(0, -1, -2, -3);
    const address = arena.putLast(values);
    const sum = kernels.expInto(address, 4, 0, 1, address);
    const expected = reference.expInto(values, 0, 1);
    expect({ out: arena.read(Float32Array, address, 4), sum }).toEqual(expected);
    expect(arena.strayWrites()).toEqual([]);
  });
});

describeKernels("exp64", (kernels) => {
  test("is within 2 ulps of Math.exp, subnormal results included", () => {
    for (let i = 0; i <= 40_000; i++) {
      const x = -745.2 + (1455 * i) / 40_000;
      expect(ulpsBetween(kernels.exp64(x), Math.exp(x)), `e^${x}`).toBeLessThanOrEqual(EXP64_ULPS);
    }
  });

  test("equals the reference bit for bit", () => {
    for (let i = 0; i <= 10_000; i++) {
      const x = 800 * Math.sin(1.3 * i) ** 5;
      expect(Object.is(kernels.exp64(x), reference.exp64(x)), `e^${x}`).toBe(true);
    }
  });

  test.each([
    [0, 1],
    [-0, 1],
    [5e-324, 1],
    [709.782712893384, Number.MAX_VALUE], // to 2e-13
    [709.7827128933841, Number.POSITIVE_INFINITY],
    [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
    [-745.1332191019411, 5e-324],
    [-745.1332191019412, 0],
    [Number.NEGATIVE_INFINITY, 0],
    [Number.NaN, Number.NaN],
  ])("of %d is %d", (x, expected) => {
    const result = kernels.exp64(x);
    if (expected === Number.MAX_VALUE) expect(result / expected).toBeCloseTo(1, 12);
    else expect(result).toBe(expected);
  });
});

describe("the reference of exp64", () => {
  test("is within 2 ulps of Math.exp", () => {
    for (let x = -745; x <= 709; x += 0.37) {
      expect(ulpsBetween(reference.exp64(x), Math.exp(x)), `e^${x}`).toBeLessThanOrEqual(EXP64_ULPS);
    }
  });
});

function expInto(
  kernels: Kernels,
  values: Float32Array,
  shift: number,
  scale: number,
): { out: Float32Array; sum: number } {
  const arena = new Arena(kernels);
  const out = arena.take(values.byteLength);
  const sum = kernels.expInto(arena.put(values), values.length, shift, scale, out);
  return { out: arena.read(Float32Array, out, values.length), sum };
}
