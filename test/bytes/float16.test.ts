import { describe, expect, test } from "vitest";
import {
  bfloat16sToFloats,
  bfloat16ToFloat,
  floatsToHalves,
  floatToHalf,
  halfToFloat,
  halvesToFloats,
} from "../../src/bytes/float16.ts";

/** The value of a half by its definition, with powers of two only. */
function halfByDefinition(half: number): number {
  const sign = half >> 15 ? -1 : 1;
  const exponent = (half >> 10) & 31;
  const mantissa = half & 1023;
  if (exponent === 0) return sign * mantissa * 2 ** -24;
  if (exponent === 31) return mantissa ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + mantissa / 1024) * 2 ** (exponent - 15);
}

const everyHalf = Uint16Array.from({ length: 65_536 }, (_, half) => half);
const isNaNHalf = (half: number) => (half & 0x7fff) > 0x7c00;

/** Counts wrong halves instead of asserting each: 65,536 expectations take seconds. */
const wrong = (ok: (half: number) => boolean) => everyHalf.filter((half) => !ok(half));

describe("halves", () => {
  test("each of the 65,536 converts to its number", () => {
    expect(wrong((half) => Object.is(halfToFloat(half), halfByDefinition(half)))).toHaveLength(0);
  });

  test.runIf("getFloat16" in DataView.prototype)("every one agrees with DataView.getFloat16", () => {
    const view = new DataView(new ArrayBuffer(2)) as DataView & { getFloat16(offset: number): number };
    const native = (half: number) => {
      view.setUint16(0, half);
      return view.getFloat16(0);
    };
    expect(wrong((half) => Object.is(halfToFloat(half), native(half)))).toHaveLength(0);
  });

  test("each survives the way to float and back, and NaN stays NaN", () => {
    const back = floatsToHalves(halvesToFloats(everyHalf));
    expect(wrong((half) => (isNaNHalf(half) ? isNaNHalf(back[half] ?? 0) : back[half] === half))).toHaveLength(0);
  });

  test("a tie rounds to the even neighbour, anything else to the nearer one", () => {
    const f32 = new Float32Array(1);
    const u32 = new Uint32Array(f32.buffer);
    const beside = (value: number, step: number) => {
      f32[0] = value;
      u32[0] = (u32[0] ?? 0) + step;
      return f32[0] ?? Number.NaN;
    };
    // 65,504 is the largest half. The next step up would be 65,536, which rounds to Infinity.
    const next = (half: number) => (half === 0x7bff ? 65_536 : halfToFloat(half + 1));
    const failures = everyHalf.filter((half) => {
      if ((half & 0x7fff) >= 0x7c00) return false;
      const sign = half & 0x8000;
      const middle = (halfToFloat(half & 0x7fff) + next(half & 0x7fff)) / 2;
      const signed = sign ? -middle : middle;
      const even = half + (half & 1);
      const below = floatToHalf(beside(signed, -1));
      return floatToHalf(signed) !== even || below !== half || floatToHalf(beside(signed, 1)) !== half + 1;
    });
    expect(failures).toHaveLength(0);
  });

  test("overflow becomes Infinity, underflow a signed zero, the smallest denormal of f32 too", () => {
    expect([65_519.99, 65_520, 1e5, 3e38, Number.POSITIVE_INFINITY].map(floatToHalf)).toEqual([
      0x7bff, 0x7c00, 0x7c00, 0x7c00, 0x7c00,
    ]);
    expect([-65_520, Number.NEGATIVE_INFINITY].map(floatToHalf)).toEqual([0xfc00, 0xfc00]);
    expect([0, -0, 2 ** -149, -(2 ** -149), 2 ** -25].map(floatToHalf)).toEqual([0, 0x8000, 0, 0x8000, 0]);
  });
});

describe("bfloat16", () => {
  test("is the upper half of an f32, for every one of the 65,536", () => {
    const view = new DataView(new ArrayBuffer(4));
    const floats = bfloat16sToFloats(everyHalf);
    const byDefinition = (bits: number) => {
      view.setUint16(0, bits);
      return view.getFloat32(0);
    };
    expect(wrong((bits) => Object.is(bfloat16ToFloat(bits), byDefinition(bits)))).toHaveLength(0);
    expect(wrong((bits) => Object.is(floats[bits], byDefinition(bits)))).toHaveLength(0);
  });
});
