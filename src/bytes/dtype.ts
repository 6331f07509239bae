/** The element types of safetensors, with the bytes of an element. */
const DTYPE_BYTES = {
  F4: 0.5,
  F6_E2M3: 0.75,
  F6_E3M2: 0.75,
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E4M3: 1,
  F8_E5M2: 1,
  F8_E8M0: 1,
  U16: 2,
  I16: 2,
  F16: 2,
  BF16: 2,
  U32: 4,
  I32: 4,
  F32: 4,
  U64: 8,
  I64: 8,
  F64: 8,
  C64: 8,
} as const;

export type Dtype = keyof typeof DTYPE_BYTES;

/** Returns the number of bytes in one element. */
export const dtypeBytes = (dtype: Dtype): number => DTYPE_BYTES[dtype];

export const isDtype = (name: unknown): name is Dtype => typeof name === "string" && Object.hasOwn(DTYPE_BYTES, name);

/** Returns true for numbers that can be a shape or offsets: integers in 0..2^53−1. */
export const isSizes = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0 && !Object.is(size, -0));

/**
 * Computes the product of `shape` × dtypeBytes. Undefined if the tensor is not of whole bytes, or if any partial product is above
 * 2^53−1, so that a later factor 0 cannot bring it back into range.
 */
export function tensorBytes(dtype: Dtype, shape: readonly number[]): number | undefined {
  let product = dtypeBytes(dtype);
  for (const size of shape) {
    product *= size;
    if (product > Number.MAX_SAFE_INTEGER) return undefined;
  }
  return Number.isInteger(product) ? product : undefined;
}
