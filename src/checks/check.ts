import { LIMIT_EXPONENT } from "../abi.ts";
import { shownRange } from "./shown-range.ts";

// These functions check arguments before memory is touched. All messages have the form: "name" expected this, got that.

/** A query of `info.dim` values, or several queries end to end. Values are rounded to f32. */
export type Vector = Float32Array | readonly number[];

/** Larger magnitudes are refused in queries and in files, so that no score can overflow. */
export const MAGNITUDE_LIMIT = 2 ** LIMIT_EXPONENT;

export function checkInteger(name: string, value: number): void {
  if (!Number.isInteger(value)) throw new TypeError(`"${name}" expected an integer, got ${shown(value)}`);
}

export function checkCount(name: string, value: number, limit: number, option: string, call = ""): number {
  checkInteger(name, value);
  if (value < 0) throw new RangeError(`"${name}" expected 0 or more, got ${value}`);
  if (value > limit) {
    const remedy = call && `; ${call}{ ${option}: ${value} }) allows it`;
    throw new RangeError(`"${name}" expected at most ${limit} (${option}), got ${value}${remedy}`);
  }
  return value + 0; // −0 becomes 0, so that nothing that divides by a count tells them apart
}

/** Checks a count against a limit that is an option of load. */
export const checkLoaded = (name: string, value: number, limit: number, option: string): number =>
  checkCount(name, value, limit, option, "load(file, ");

/** Returns the value of a flag, which is false by default. */
export function checkFlag(name: string, value: boolean | undefined): boolean {
  if (value !== undefined && typeof value !== "boolean") {
    throw new TypeError(`"${name}" expected true or false, got ${shown(value)}`);
  }
  return value ?? false;
}

export function checkOneOf(name: string, value: string, known: readonly string[]): void {
  if (!known.includes(value)) throw new RangeError(`"${name}" expected ${known.join(" or ")}, got ${shown(value)}`);
}

/** Returns the seed modulo 2^64, or a random one of 53 bits. */
export function checkSeed(seed: number | bigint | undefined): bigint {
  if (typeof seed === "bigint") return BigInt.asUintN(64, seed);
  if (seed === undefined) return randomSeed();
  if (!Number.isInteger(seed)) throw new TypeError(`"seed" expected an integer or a bigint, got ${shown(seed)}`);
  return BigInt.asUintN(64, BigInt(seed));
}

/** Random numbers in stock. Fetched one at a time they take 15 µs in Node, a quarter of a call. */
const STOCK = 128;
const stock = /* @__PURE__ */ new Uint32Array(STOCK);
let taken = STOCK;

function randomSeed(): bigint {
  if (taken === STOCK) {
    crypto.getRandomValues(stock);
    taken = 0;
  }
  const low = stock[taken++] as number;
  const high = stock[taken++] as number;
  return BigInt(low) + BigInt(high & 0x1fffff) * 4294967296n;
}

/** Checks for an array, typed or not, whose memory is there. */
export function checkArray(name: string, value: unknown, elements: string, array = "an array"): void {
  if (!isArrayLike(value)) throw new TypeError(`"${name}" expected ${array} of ${elements}, got ${kindOf(value)}`);
  if (ArrayBuffer.isView(value) && value.byteLength === 0) checkView(name, value);
}

/** Throws a TypeError for a view of a buffer that was transferred, or that has shrunk to less than the view. */
export function checkView(name: string, view: ArrayBufferView): void {
  checkAttached(name, view.buffer);
  try {
    // A view that is out of bounds has the length 0, like an empty one. Its methods throw, and so does the offset of a DataView.
    if ("keys" in view) (view as Uint8Array).keys();
    else new Uint8Array(view.buffer, view.byteOffset, 0);
  } catch {
    throw new TypeError(`"${name}" expected values, got a view of a buffer that has shrunk: pass a copy`);
  }
}

/** Throws a TypeError for a buffer that was transferred and has no bytes any more. */
export function checkAttached(name: string, buffer: ArrayBufferLike): void {
  try {
    new Uint8Array(buffer, 0, 0);
  } catch {
    throw new TypeError(`"${name}" expected values, got a detached buffer: pass a copy`);
  }
}

/** Checks for a number in [low, high]. `also` names another value that the caller takes. */
export function checkNumber(name: string, value: number, low: number, high: number, also = ""): number {
  if (typeof value !== "number") throw new TypeError(`"${name}" expected a number, got ${shown(value)}`);
  if (!(value >= low && value <= high)) {
    throw new RangeError(`"${name}" expected ${also}${shownRange(low, high)}, got ${value}`);
  }
  return value;
}

/** Checks for a number in (0, 1]. */
export function checkShare(name: string, value: number): number {
  checkNumber(name, value, 0, 1);
  if (value === 0) throw new RangeError(`"${name}" expected more than 0, at most 1, got 0`);
  return value;
}

/** The longest text that a message repeats, in characters. */
const MOST_SHOWN = 64;

/** Shows a value in a message: texts in quotes, since "10" is not a number, and lists, objects and functions by their kind. */
export function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, MOST_SHOWN));
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function") return "a function";
  if (Array.isArray(value)) return "an array";
  return typeof value === "object" && value !== null ? "an object" : String(value);
}

/** Shows the kind of a value that should have been an object of another kind. */
export function kindOf(value: unknown): string {
  if (value instanceof Set) return "a Set: make it an array, Array.from(set)";
  if (value instanceof Promise) return "a Promise: await it first";
  if (isArrayLike(value)) {
    const kind = (value as Partial<Int32Array>)[Symbol.toStringTag] ?? "array";
    return `${/^[Ia]/.test(kind) ? "an" : "a"} ${kind}`;
  }
  return typeof value === "object" ? shown(value) : typeof value;
}

interface TypedArrays {
  readonly Float32Array: Float32Array;
  readonly Int32Array: Int32Array;
  readonly Uint32Array: Uint32Array;
  readonly Uint16Array: Uint16Array;
  readonly Uint8Array: Uint8Array;
}

/**
 * Tells typed arrays of one type from other values. Those of another realm, such as an iframe's or that of jsdom in a test, are no
 * instances of the type of this one.
 */
export const isTypedArray = <Name extends keyof TypedArrays>(value: unknown, name: Name): value is TypedArrays[Name] =>
  ArrayBuffer.isView(value) && (value as Partial<Uint8Array>)[Symbol.toStringTag] === name;

/** Tells arrays, typed or not, from other values. */
export const isArrayLike = (value: unknown): value is ArrayLike<unknown> =>
  Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
