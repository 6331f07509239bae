import { LIMIT_EXPONENT } from "./abi.ts";
import type { CallConditions } from "./conditions.ts";
import type { ClassBitmap, ConditionOptions } from "./options.ts";

// Arguments, checked before memory is touched. One wording: "name" expected this, got that.

/** A query, or several end to end. */
export type Vector = Float32Array | readonly number[];

/** Magnitudes above are refused everywhere, in queries as in files, so that no score can overflow. */
export const MAGNITUDE_LIMIT = 2 ** LIMIT_EXPONENT;

export function checkCount(name: string, value: number, limit: number, option: string): number {
  if (!Number.isInteger(value)) throw new TypeError(`"${name}" expected an integer, got ${shown(value)}`);
  if (value < 0) throw new RangeError(`"${name}" expected 0 or more, got ${value}`);
  if (value > limit) throw new RangeError(`"${name}" expected at most ${limit} (${option}), got ${value}`);
  return value;
}

/** True or false; false where nothing is given. */
export function checkFlag(name: string, value: boolean | undefined): boolean {
  if (value !== undefined && typeof value !== "boolean") {
    throw new TypeError(`"${name}" expected true or false, got ${shown(value)}`);
  }
  return value ?? false;
}

/** The seed modulo 2^64; a random one of 53 bits where none is given. */
export function checkSeed(seed: number | bigint | undefined): bigint {
  if (typeof seed === "bigint") return BigInt.asUintN(64, seed);
  if (seed === undefined) return randomSeed();
  if (!Number.isInteger(seed)) throw new TypeError(`"seed" expected an integer or a bigint, got ${shown(seed)}`);
  return BigInt.asUintN(64, BigInt(seed));
}

/** Random numbers in stock: one at a time they take 15 µs in Node, a quarter of a call. */
const stock = new Uint32Array(128);
let taken = stock.length;

function randomSeed(): bigint {
  if (taken === stock.length) {
    crypto.getRandomValues(stock);
    taken = 0;
  }
  const low = stock[taken++] as number;
  const high = stock[taken++] as number;
  return BigInt(low) + BigInt(high & 0x1fffff) * 4294967296n;
}

/** Number of queries in `query`. */
export function checkBatch(query: Vector, dim: number, batch: number | undefined, limit: number): number {
  if (!isArray(query)) {
    throw new TypeError(
      `"query" expected a Float32Array or an array of numbers, got ${query === null ? "null" : typeof query}`,
    );
  }
  const { length } = query;
  if (batch !== undefined) {
    checkCount("batch", batch, limit, "maxBatch");
    if (length !== batch * dim) throw new RangeError(`"query" expected ${batch} × ${dim} values, got ${length}`);
    return batch;
  }
  if (length === 0 || length % dim !== 0) throw new RangeError(`"query" expected ${dim} values, got ${length}`);
  return checkCount("batch", length / dim, limit, "maxBatch");
}

/** Copies row `row` of `values` into `target`, rounded to f32. Every value has to be finite and at most 2^40. */
export function copyRow(name: string, values: Vector, row: number, target: Float32Array): void {
  const start = row * target.length;
  for (let i = 0; i < target.length; i++) {
    const given: unknown = values[start + i];
    const value = typeof given === "number" ? Math.fround(given) : Number.NaN;
    target[i] = value;
    if (!(Math.abs(value) <= MAGNITUDE_LIMIT)) {
      target.fill(0);
      throw new (typeof given === "number" ? RangeError : TypeError)(
        `"${name}"[${start + i}] expected a finite number of magnitude at most 2^40, got ${shown(given)}`,
      );
    }
  }
}

/** Class ids under the name of their argument, each in [0, itemCount). */
export function checkIds(name: string, ids: ArrayLike<number>, itemCount: number): void {
  checkArray(name, ids, "integers");
  for (let i = 0; i < ids.length; i++) {
    const id = ids[i] as number;
    if (!Number.isInteger(id) || id < 0 || id >= itemCount) {
      throw new RangeError(`"${name}"[${i}] expected an integer in 0..${itemCount - 1}, got ${shown(id)}`);
    }
  }
}

/** An array, typed or not, of whatever it is that is expected. */
export function checkArray(name: string, given: unknown, expected: string): void {
  if (isArray(given)) return;
  throw new TypeError(`"${name}" expected an array of ${expected}, got ${given === null ? "null" : typeof given}`);
}

/** A number in [low, high]. */
export function checkNumber(name: string, value: number, low: number, high: number): number {
  if (typeof value !== "number") throw new TypeError(`"${name}" expected a number, got ${shown(value)}`);
  if (!(value >= low && value <= high)) throw new RangeError(`"${name}" expected ${low} to ${high}, got ${value}`);
  return value;
}

/** 2^20 and its inverse: scores stay far from the ends of f32 on both sides. */
const TEMPERATURE_LIMIT = 2 ** 20;

export function checkConditions(options: ConditionOptions, itemCount: number): CallConditions {
  const { temperature = 1, exclude = [], allow } = options;
  checkNumber("temperature", temperature, 1 / TEMPERATURE_LIMIT, TEMPERATURE_LIMIT);
  checkIds("exclude", exclude, itemCount);
  return { temperature, exclude: Int32Array.from(exclude), allow: checkAllow(allow, itemCount) };
}

function checkAllow(allow: ConditionOptions["allow"], itemCount: number): CallConditions["allow"] {
  if (allow === undefined) return undefined;
  if (!isBitmap(allow)) {
    if (!isArray(allow))
      throw new TypeError(`"allow" expected an array of integers or { bitmap }, got ${shown(allow)}`);
    checkIds("allow", allow, itemCount);
    return Int32Array.from(allow);
  }
  const bytes = Math.ceil(itemCount / 8);
  if (!(allow.bitmap instanceof Uint8Array)) throw new TypeError(`"allow.bitmap" expected a Uint8Array`);
  if (allow.bitmap.length !== bytes) {
    throw new RangeError(`"allow.bitmap" expected ${bytes} bytes, got ${allow.bitmap.length}`);
  }
  return allow.bitmap;
}

const isBitmap = (allow: NonNullable<ConditionOptions["allow"]>): allow is ClassBitmap =>
  typeof allow === "object" && allow !== null && "bitmap" in allow;

/** Objects by their kind: they may be of any length, or have no text at all. */
export const shown = (value: unknown): string =>
  typeof value === "object" && value !== null ? "an object" : String(value);

const isArray = (value: unknown): boolean =>
  Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
