import { InvalidArgumentError } from "commander";
import type { Feature } from "../../answers/options.ts";
import { isObject } from "../../checks/is-object.ts";
import { shownRange } from "../../checks/shown-range.ts";
import type { Filter } from "../../columns/filter.ts";
import { isSpaceName, SPACE_NAME } from "../../format/space.ts";
import { MAX_MANIFEST_PARTS } from "../../publication/manifest.ts";
import { declaredColumns } from "../inputs/declared-columns.ts";
import type { GivenBias, GivenClasses } from "./given-classes.ts";
import type { GivenFeatures } from "./given-features.ts";

/*
 * Parsers of option values. commander prints the option's name and the value in front of these messages.
 */

export const MAX_COUNT = 2 ** 31 - 1;

/** Returns a parser of an integer in low..high. */
export const integer =
  (low: number, high: number) =>
  (text: string): number => {
    const value = /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN;
    if (Number.isSafeInteger(value) && value >= low && value <= high) return value;
    const hint = Number.isInteger(Number(text || "none")) && Number.isNaN(value) ? " Write it with digits only." : "";
    throw new InvalidArgumentError(`Expected an integer in ${low}..${high}.${hint}`);
  };

/** Returns a parser of a number in low..high. The ends of the doubles are no limits. */
export const number =
  (low: number, high: number) =>
  (text: string): number => {
    const value = text.trim() === "" ? Number.NaN : Number(text);
    if (value >= low && value <= high) return value;
    const least = low === Number.MIN_VALUE ? "above 0" : `of at least ${low}`;
    throw new InvalidArgumentError(
      `Expected a number ${high === Number.MAX_VALUE ? least : `in ${shownRange(low, high, "..")}`}.`,
    );
  };

/** Returns a parser of 0 or a number in low..high. */
export const zeroOrNumber =
  (low: number, high: number) =>
  (text: string): number => {
    const value = text.trim() === "" ? Number.NaN : Number(text);
    if (value === 0 || (value >= low && value <= high)) return value;
    throw new InvalidArgumentError(`Expected 0, or a number in ${shownRange(low, high, "..")}.`);
  };

/** Parses a count of classes, or "auto". */
export function scanOrAuto(text: string): number | "auto" {
  if (text === "auto") return text;
  if (/^\d+$/.test(text) && Number(text) <= MAX_COUNT) return Number(text);
  throw new InvalidArgumentError(`Expected an integer in 0..${MAX_COUNT}, or "auto".`);
}

/** Parses a number of parts, or "auto". */
export function partCount(text: string): number | "auto" {
  if (text === "auto") return text;
  if (/^\d{1,4}$/.test(text) && Number(text) >= 1 && Number(text) <= MAX_MANIFEST_PARTS) return Number(text);
  throw new InvalidArgumentError(`Expected an integer in 1..${MAX_MANIFEST_PARTS}, or "auto".`);
}

/** Checks names of columns with their types. The text stays as it is, so that a plan can repeat it. */
export function columnList(text: string): string {
  try {
    declaredColumns(text);
    return text;
  } catch (error) {
    throw new InvalidArgumentError(`It ${(error as Error).message}.`);
  }
}

/** Checks the name of a space. */
export function spaceName(text: string): string {
  if (isSpaceName(text)) return text;
  throw new InvalidArgumentError(`Expected ${SPACE_NAME}.`);
}

/** Parses a filter of columns. The index checks its columns and values. */
export function filter(text: string): Filter {
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return value as Filter;
  } catch {
    // It is refused below.
  }
  throw new InvalidArgumentError(`Expected a JSON object, such as '{"category": "shoes", "price": {"$lt": 80}}'.`);
}

/**
 * Parses classes that are separated by commas or white space: words of up to ten digits are ids, others and those in quotes are
 * labels. In a JSON array, a number is an id, and a string a label. An empty text is an empty list.
 */
export function classes(text: string): GivenClasses {
  if (text.trimStart().startsWith("[")) {
    const entries = jsonArray(text, `ids or labels, such as '[3, "New York"]'`);
    if (entries.every((entry) => typeof entry === "string" || isId(entry))) return entries as GivenClasses;
    throw new InvalidArgumentError(`Expected ids, integers from 0 on, or labels, such as '[3, "New York"]'.`);
  }
  const entries = listed(text);
  if (entries.includes(""))
    throw new InvalidArgumentError('Expected ids or labels, separated by commas, such as "3,17".');
  return entries.map(classOf);
}

const isId = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;
/** Splits a list. An entry that is left out is an empty text. */
const listed = (text: string): string[] => (text.trim() === "" ? [] : text.trim().split(/\s*,\s*|\s+/));
function classOf(word: string): GivenClasses[number] {
  if (/^".*"$/.test(word)) return word.slice(1, -1);
  return /^\d{1,10}$/.test(word) ? { digits: Number(word) } : word;
}

/** Parses numbers for classes, such as "3=2.5,item-17=-Infinity". */
export function logitBias(text: string): GivenBias {
  const pairs = listed(text).map((pair) => /^(.+)=([^=]+)$/.exec(pair));
  const ids = pairs.map((pair) => classOf(pair?.[1] ?? ""));
  const values = pairs.map((pair) => Number(pair?.[2]));
  if (!values.some(Number.isNaN)) return { ids, values };
  throw new InvalidArgumentError('Expected classes with numbers, such as "3=2.5,17=-Infinity".');
}

/** Parses an integer of any size. The library takes it modulo 2^64. */
export function seed(text: string): bigint {
  if (/^[+-]?\d+$/.test(text)) return BigInt(text);
  throw new InvalidArgumentError("Expected an integer.");
}

/** Parses a JSON array of numbers, such as "[0.5, -1]". */
export function vector(text: string): Float32Array {
  const value = jsonArray(text, 'numbers, such as "[0.5, -1]"');
  const wrong = value.findIndex((entry) => typeof entry !== "number" || !Number.isFinite(Math.fround(entry)));
  if (wrong >= 0)
    throw new InvalidArgumentError(`Expected numbers in the range of f32, but entry ${wrong} is not one.`);
  return Float32Array.from(value as number[]);
}

/**
 * Parses ids and names of features. Plain words are enough if no name contains white space or a comma. The index checks that
 * the features exist.
 */
export function features(text: string): GivenFeatures {
  if (text.trimStart().startsWith("["))
    return { entries: jsonArray(text, `ids or names, such as '["New York", 7]'`) as Feature[] };
  return { words: text.split(/[\s,]+/).filter((word) => word !== "") };
}

function jsonArray(text: string, expected: string): unknown[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new InvalidArgumentError(`Expected a JSON array of ${expected}.`);
  }
  if (!Array.isArray(value)) throw new InvalidArgumentError(`Expected a JSON array of ${expected}.`);
  return value;
}
