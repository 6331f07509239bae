import type { ClassBitmap, ConditionOptions } from "../answers/options.ts";
import {
  checkArray,
  checkAttached,
  checkLoaded,
  checkNumber,
  MAGNITUDE_LIMIT,
  shown,
  type Vector,
} from "../checks/check.ts";
import { type CallConditions, UNCONDITIONAL } from "../memory/conditions.ts";

// Arguments that hold values are copied before a call does anything: a getter, a proxy or shared memory may give another
// value when it is read again, and code of the caller that runs while values are read must meet an index at rest.

/**
 * The queries of a call, end to end and rounded to f32: one of `dim` values, or `batch` of them. Every value has to be
 * finite and at most 2^40. TypeError and RangeError name the argument and the place in it.
 */
export function copyQueries(query: Vector, dim: number, batch: number | undefined, maxBatch: number): Float32Array {
  checkArray("query", query, "numbers", "a Float32Array or an array");
  const { length } = query;
  if (batch !== undefined) {
    checkLoaded("batch", batch, maxBatch, "maxBatch");
    if (length !== batch * dim) {
      throw new RangeError(`"query" expected ${batch} × ${dim} values (batch × info.dim), got ${length}`);
    }
  } else if (length !== dim) {
    const count = length / dim;
    const remedy = count > 1 && Number.isInteger(count) ? `; for several queries end to end say batch: ${count}` : "";
    throw new RangeError(`"query" expected ${dim} values (info.dim), got ${length}${remedy}`);
  }
  return copyFloats("query", query, new Float32Array(length));
}

/** Fills `copy` with as many values, rounded to f32. Every value has to be finite and at most 2^40. */
export function copyFloats<Copy extends Float32Array>(name: string, values: ArrayLike<number>, copy: Copy): Copy {
  for (let i = 0; i < copy.length; i++) copy[i] = checkFloat(name, i, values[i]);
  return copy;
}

/** A value as f32. */
export function checkFloat(name: string, i: number, given: unknown): number {
  const value = typeof given === "number" ? Math.fround(given) : Number.NaN;
  if (Math.abs(value) <= MAGNITUDE_LIMIT) return value;
  throw new (typeof given === "number" ? RangeError : TypeError)(
    `"${name}"[${i}] expected a finite number of magnitude at most 2^40, got ${shown(given)}`,
  );
}

/** Ids of classes, each in [0, itemCount), under the name of their argument. */
export function copyIds(name: string, ids: ArrayLike<number>, itemCount: number): Int32Array<ArrayBuffer> {
  checkArray(name, ids, "integers");
  const copy = new Int32Array(ids.length);
  for (let i = 0; i < copy.length; i++) {
    const id: unknown = ids[i];
    if (!(typeof id === "number" && Number.isInteger(id) && id >= 0 && id < itemCount)) {
      throw new RangeError(`"${name}"[${i}] expected an integer in 0..${itemCount - 1}, got ${shown(id)}`);
    }
    copy[i] = id;
  }
  return copy;
}

/** 2^20 and its inverse: scores stay far from the ends of f32 on both sides. */
const TEMPERATURE_LIMIT = 2 ** 20;

const NO_IDS = new Int32Array(0);

/** Temperature and filter of a call, in arrays of their own. */
export function copyConditions(options: ConditionOptions, itemCount: number): CallConditions {
  const { temperature = 1, exclude, allow } = options;
  if (temperature === 1 && exclude === undefined && allow === undefined) return UNCONDITIONAL;
  checkNumber("temperature", temperature, 1 / TEMPERATURE_LIMIT, TEMPERATURE_LIMIT);
  return {
    temperature,
    exclude: exclude === undefined ? NO_IDS : copyIds("exclude", exclude, itemCount),
    allow: allow === undefined ? undefined : copyAllow(allow, itemCount),
  };
}

function copyAllow(allow: NonNullable<ConditionOptions["allow"]>, itemCount: number): CallConditions["allow"] {
  if (!isBitmap(allow)) {
    checkArray("allow", allow, "integers", "{ bitmap } or an array");
    return copyIds("allow", allow, itemCount);
  }
  const { bitmap } = allow;
  if (!(bitmap instanceof Uint8Array))
    throw new TypeError(`"allow.bitmap" expected a Uint8Array, got ${shown(bitmap)}`);
  checkAttached("allow.bitmap", bitmap.buffer);
  const copy = new Uint8Array(bitmap);
  const bytes = Math.ceil(itemCount / 8);
  if (copy.length !== bytes) throw new RangeError(`"allow.bitmap" expected ${bytes} bytes, got ${copy.length}`);
  return copy;
}

const isBitmap = (allow: NonNullable<ConditionOptions["allow"]>): allow is ClassBitmap =>
  typeof allow === "object" && allow !== null && "bitmap" in allow;
