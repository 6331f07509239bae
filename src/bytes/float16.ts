/*
 * Conversions of IEEE 754 binary16 and bfloat16, as their 16 bits. Not every supported runtime has DataView.getFloat16.
 *
 *   binary16   s eeeee mmmmmmmmmm     bfloat16   s eeeeeeee mmmmmmm = the upper half of an f32
 */

const scratch = new DataView(new ArrayBuffer(4));

function bitsToFloat(bits: number): number {
  scratch.setUint32(0, bits);
  return scratch.getFloat32(0);
}

/** Converts a half to f32, exactly. */
export function halfToFloat(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const mantissa = half & 0x3ff;
  if (exponent === 0) return sign * mantissa * 2 ** -24;
  if (exponent === 0x1f) return mantissa === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return bitsToFloat(((half & 0x8000) << 16) | ((exponent + 112) << 23) | (mantissa << 13));
}

/**
 * Rounds an f32 to the nearest half, ties to even. From 65,520 on (half a step above the largest half, 65,504) the
 * result is Infinity. NaN becomes the quiet NaN 0x7e00.
 */
export function floatToHalf(value: number): number {
  scratch.setFloat32(0, value);
  const bits = scratch.getUint32(0);
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return 0x7e00;
  if (magnitude >= 0x47800000) return sign | 0x7c00; // 65,536 and above
  if (magnitude >= 0x38800000) return sign | roundToEven(magnitude - (112 << 23), 13); // from 2^-14: normal halves
  if (magnitude < 0x33000000) return sign; // below 2^-25: half of the smallest
  const mantissa = (magnitude & 0x7fffff) | 0x800000;
  return sign | roundToEven(mantissa, 126 - (magnitude >>> 23));
}

/** Divides bits by 2^shift, ties to even. A carry out of the mantissa raises the exponent, as it should. */
function roundToEven(bits: number, shift: number): number {
  const odd = (bits >>> shift) & 1;
  return (bits + (1 << (shift - 1)) - 1 + odd) >>> shift;
}

/** Converts a bfloat16 to f32, exactly: it is an f32 whose lower 16 bits are 0. */
export const bfloat16ToFloat = (bits: number): number => bitsToFloat(bits << 16);

/**
 * Converts halves, as their bits, to f32, element by element. A loop, because `Float32Array.from(halves, f)` took 35
 * times as long (Node 24).
 */
export function halvesToFloats(
  halves: Uint16Array,
  floats: Float32Array<ArrayBuffer> = new Float32Array(halves.length),
): Float32Array<ArrayBuffer> {
  for (let i = 0; i < halves.length; i++) floats[i] = halfToFloat(halves[i] as number);
  return floats;
}

/** Converts f32 to halves, as their bits, element by element. */
export function floatsToHalves(floats: Float32Array): Uint16Array<ArrayBuffer> {
  const halves = new Uint16Array(floats.length);
  for (let i = 0; i < floats.length; i++) halves[i] = floatToHalf(floats[i] as number);
  return halves;
}

/** Converts bfloat16, as their bits, to f32, element by element. */
export function bfloat16sToFloats(
  values: Uint16Array,
  floats: Float32Array<ArrayBuffer> = new Float32Array(values.length),
): Float32Array<ArrayBuffer> {
  for (let i = 0; i < values.length; i++) floats[i] = bfloat16ToFloat(values[i] as number);
  return floats;
}
