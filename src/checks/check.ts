import { LIMIT_EXPONENT } from "../abi.ts";

// Arguments, checked before memory is touched. One wording: "name" expected this, got that.

/** A query, or several end to end. */
export type Vector = Float32Array | readonly number[];

/** Magnitudes above are refused everywhere, in queries as in files, so that no score can overflow. */
export const MAGNITUDE_LIMIT = 2 ** LIMIT_EXPONENT;

export function checkCount(name: string, value: number, limit: number, option: string, remedy = ""): number {
  if (!Number.isInteger(value)) throw new TypeError(`"${name}" expected an integer, got ${shown(value)}`);
  if (value < 0) throw new RangeError(`"${name}" expected 0 or more, got ${value}`);
  if (value > limit) throw new RangeError(`"${name}" expected at most ${limit} (${option}), got ${value}${remedy}`);
  return value;
}

/** The same for a limit that an index was loaded with, by its option of load. */
export const checkLoaded = (name: string, value: number, limit: number, option: string): number =>
  checkCount(name, value, limit, option, `; load(file, { ${option}: ${value} }) allows it`);

/** True or false; false where nothing is given. */
export function checkFlag(name: string, value: boolean | undefined): boolean {
  if (value !== undefined && typeof value !== "boolean") {
    throw new TypeError(`"${name}" expected true or false, got ${shown(value)}`);
  }
  return value ?? false;
}

export function checkOneOf(name: string, value: string, known: readonly string[]): void {
  if (!known.includes(value)) throw new RangeError(`"${name}" expected ${known.join(" or ")}, got ${shown(value)}`);
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

/** An array, typed or not, that still has its values. */
export function checkArray(name: string, given: unknown, elements: string, array = "an array"): void {
  if (!isArray(given)) throw new TypeError(`"${name}" expected ${array} of ${elements}, got ${kindOf(given)}`);
  if (ArrayBuffer.isView(given) && given.byteLength === 0) checkAttached(name, given.buffer);
}

/** TypeError for a buffer that was transferred: it has no bytes any more. */
export function checkAttached(name: string, buffer: ArrayBufferLike): void {
  try {
    new Uint8Array(buffer, 0, 0);
  } catch {
    throw new TypeError(`"${name}" expected values, got a detached buffer: pass a copy`);
  }
}

/** A number in [low, high]. */
export function checkNumber(name: string, value: number, low: number, high: number): number {
  if (typeof value !== "number") throw new TypeError(`"${name}" expected a number, got ${shown(value)}`);
  if (!(value >= low && value <= high)) throw new RangeError(`"${name}" expected ${low} to ${high}, got ${value}`);
  return value;
}

/** Longest text that a message repeats. */
const MOST_SHOWN = 64;

/** Texts in quotes, as "10" is no number; objects and functions by their kind: they may be of any length. */
export function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, MOST_SHOWN));
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function") return "a function";
  return typeof value === "object" && value !== null ? "an object" : String(value);
}

/** The same of what should have been another kind of object; a text may be long. */
export function kindOf(value: unknown): string {
  if (value instanceof Set) return "a Set: make it an array, Array.from(set)";
  if (value instanceof Promise) return "a Promise: await it first";
  if (isArray(value)) return "an array";
  return typeof value === "object" ? shown(value) : typeof value;
}

const isArray = (value: unknown): boolean =>
  Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
