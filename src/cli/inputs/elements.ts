import type { Dtype } from "../../bytes/dtype.ts";
import { bfloat16sToFloats, halvesToFloats } from "../../bytes/float16.ts";

type Floats = Float32Array<ArrayBuffer>;
type Elements = Floats | Float64Array<ArrayBuffer>;
/** Returns a view of the bytes if possible, and otherwise writes to `floats`, which have the same length. */
type Decode = (bytes: Uint8Array<ArrayBuffer>, floats: Floats) => Elements;
type View<T> = new (buffer: ArrayBuffer, byteOffset: number, length: number) => T;

/** Returns a view of aligned bytes as elements of another type. */
const viewOf = <T>(Type: View<T> & { readonly BYTES_PER_ELEMENT: number }, bytes: Uint8Array<ArrayBuffer>): T =>
  new Type(bytes.buffer, bytes.byteOffset, bytes.byteLength / Type.BYTES_PER_ELEMENT);

/** The element types of embeddings and biases. */
const FLOATS: Partial<Record<Dtype, Decode>> = {
  F32: (bytes) => viewOf<Floats>(Float32Array, bytes),
  F16: (bytes, floats) => halvesToFloats(viewOf<Uint16Array>(Uint16Array, bytes), floats),
  BF16: (bytes, floats) => bfloat16sToFloats(viewOf<Uint16Array>(Uint16Array, bytes), floats),
  F64: (bytes) => viewOf<Float64Array<ArrayBuffer>>(Float64Array, bytes),
};

/** Further element types of counts. */
const INTEGERS: Partial<Record<Dtype, Decode>> = {
  I32: (bytes) => Float64Array.from(viewOf<Int32Array>(Int32Array, bytes)),
  U32: (bytes) => Float64Array.from(viewOf<Uint32Array>(Uint32Array, bytes)),
  I64: (bytes) => Float64Array.from(viewOf<BigInt64Array>(BigInt64Array, bytes), Number),
  U64: (bytes) => Float64Array.from(viewOf<BigUint64Array>(BigUint64Array, bytes), Number),
};

export const isFloatDtype = (dtype: Dtype): boolean => dtype in FLOATS;
export const isNumberDtype = (dtype: Dtype): boolean => dtype in FLOATS || dtype in INTEGERS;

/** Decodes little-endian elements. Returns a view of `bytes`, or `floats`, which have the length of the elements. */
export function decodeElements(dtype: Dtype, bytes: Uint8Array<ArrayBuffer>, floats: Floats): Elements {
  const decode = FLOATS[dtype] ?? INTEGERS[dtype];
  if (decode === undefined) throw new RangeError(`elements of type ${dtype} are not numbers of an embedding`);
  return decode(bytes, floats);
}
