import { isObject } from "../checks/is-object.ts";
import { type Dtype, isDtype, isSizes, tensorBytes } from "./dtype.ts";
import { quoteName } from "./strict-json.ts";

/** A tensor as a writer describes it. Its place follows from the order. */
export interface TensorSpec {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
}

/**
 * A tensor in a file. `begin` and `end` are bytes relative to the data section: `end − begin` = product of `shape` ×
 * dtypeBytes.
 */
export interface TensorInfo extends TensorSpec {
  readonly begin: number;
  readonly end: number;
}

/** Throws the FormatError of the current entry. */
export type Fail = (code: string, message: string) => never;

/** Reads the entry of a tensor, which has exactly `dtype`, `shape` and `data_offsets`, in agreement with each other. */
export function readTensor(name: string, value: unknown, fail: Fail): TensorInfo {
  if (!isTensorName(name)) fail("tensor-name", "this name is reserved");
  if (!isObject(value)) return fail("tensor-fields", "expected an object");
  const { dtype, shape, data_offsets: offsets, ...others } = value;
  const unknown = Object.keys(others)[0];
  if (unknown !== undefined) fail("tensor-fields", `unknown field ${quoteName(unknown)}`);
  if (!isDtype(dtype)) return fail("tensor-dtype", `unknown dtype ${quoteName(String(dtype))}`);
  if (!isSizes(shape)) return fail("tensor-shape", "shape expected an array of integers in 0..2^53−1");
  const byteCount = tensorBytes(dtype, shape);
  if (byteCount === undefined) return fail("tensor-shape", "the shape expected whole bytes, at most 2^53−1");
  if (!isSizes(offsets)) return fail("tensor-offsets", "data_offsets expected two integers in 0..2^53−1");
  const [begin, end] = offsets;
  if (begin === undefined || end === undefined || offsets.length !== 2 || begin > end) {
    return fail("tensor-offsets", "data_offsets expected [begin, end] with begin ≤ end");
  }
  if (end - begin !== byteCount)
    fail("tensor-size", `shape needs ${byteCount} bytes, data_offsets give ${end - begin}`);
  return { name, dtype, shape, begin, end };
}

/**
 * Reads `__metadata__` into an object without a prototype, so that a name which is not in the file is always undefined.
 */
export function readMetadata(value: unknown, fail: Fail): Readonly<Record<string, string>> {
  if (!isObject(value)) return fail("metadata", "expected an object of strings");
  const metadata: Record<string, string> = Object.create(null);
  for (const [key, entry] of Object.entries(value)) {
    if (key === "__proto__") fail("metadata", '"__proto__" is reserved');
    if (typeof entry !== "string") return fail("metadata", `${quoteName(key)} expected a string, got ${typeof entry}`);
    metadata[key] = entry;
  }
  return metadata;
}

export const METADATA_NAME = "__metadata__";

/** Refuses `__proto__`, which is lost or worse in a reader that fills a plain object. */
export const isTensorName = (name: string): boolean => name !== METADATA_NAME && name !== "__proto__";
