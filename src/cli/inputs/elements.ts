import type { Dtype } from "../../dtype.ts";
import { FormatError } from "../../errors.ts";
import { bfloat16sToFloats, halvesToFloats } from "../../float16.ts";

type Decode = (buffer: ArrayBuffer) => Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;

/** What an embedding may consist of, and with it a bias. */
const FLOATS: Partial<Record<Dtype, Decode>> = {
  F32: (buffer) => new Float32Array(buffer),
  F16: (buffer) => halvesToFloats(new Uint16Array(buffer)),
  BF16: (buffer) => bfloat16sToFloats(new Uint16Array(buffer)),
  F64: (buffer) => new Float64Array(buffer),
};

/** What counts may consist of besides. */
const INTEGERS: Partial<Record<Dtype, Decode>> = {
  I32: (buffer) => Float64Array.from(new Int32Array(buffer)),
  U32: (buffer) => Float64Array.from(new Uint32Array(buffer)),
  I64: (buffer) => Float64Array.from(new BigInt64Array(buffer), Number),
  U64: (buffer) => Float64Array.from(new BigUint64Array(buffer), Number),
};

export const isFloatDtype = (dtype: Dtype): boolean => dtype in FLOATS;
export const isNumberDtype = (dtype: Dtype): boolean => dtype in FLOATS || dtype in INTEGERS;

/** Little-endian elements to f32: rounded, and possibly Infinity, which findNonFinite finds. */
export function decodeElements(
  dtype: Dtype,
  buffer: ArrayBuffer,
): Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer> {
  const decode = FLOATS[dtype] ?? INTEGERS[dtype];
  if (decode === undefined) throw new RangeError(`elements of type ${dtype} are not numbers of an embedding`);
  return decode(buffer);
}

/**
 * The values as f32. The first one that is NaN, infinite or too large for f32 is refused with the row and column it
 * stands at: FormatError value-not-finite. `values` hold whole rows of `dim`, the first of them row `firstRow`, whose
 * first byte is `offset`; rows are `rowBytes` apart.
 */
export function toFiniteFloats(
  values: Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer>,
  place: { readonly dim: number; readonly firstRow: number; readonly offset: number; readonly rowBytes: number },
): Float32Array<ArrayBuffer> {
  const floats = values instanceof Float32Array ? values : new Float32Array(values);
  const at = floats.findIndex((value) => !Number.isFinite(value));
  if (at < 0) return floats;
  const row = Math.floor(at / place.dim);
  const value = values[at] as number;
  const problem = Number.isFinite(value) ? `${value} does not fit an f32` : `${value} is not a finite number`;
  const message = `row ${place.firstRow + row}, column ${at % place.dim}: ${problem}`;
  throw new FormatError("value-not-finite", place.offset + row * place.rowBytes, message);
}
