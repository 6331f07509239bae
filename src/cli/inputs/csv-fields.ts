import type { ColumnType } from "../../format/columns.ts";
import { isRoundedInteger } from "./written-integer.ts";

/** Matches each digit in only one way: `\d+\.?\d*` would take quadratic time for digits in front of a letter. */
const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
const NOT_A_NUMBER = /^[+-]?nan$|^$/i;
const INFINITY = /^([+-]?)inf(?:inity)?$/i;

/** Returns the value of a field: NaN for an empty one, undefined for text. */
export function numberOf(field: string): number | undefined {
  if (NUMBER.test(field)) return Number(field);
  const text = field.trim();
  if (NUMBER.test(text)) return Number(text);
  if (NOT_A_NUMBER.test(text)) return Number.NaN;
  const sign = INFINITY.exec(text)?.[1];
  if (sign === undefined) return undefined;
  return sign === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

/** Returns whether a field shows that its column holds numbers. An empty field does not. */
export const isValue = (field: string): boolean => field.trim() !== "" && numberOf(field) !== undefined;

const NUMBERS_APART = /^[\d+\-.eE \t;]*\d[\t;][\d+\-.eE \t;]*$/;
const DECIMAL_COMMA = /^\s*[+-]?\d+,\d+\s*$/;
const THOUSANDS = /^\s*[+-]?[1-9]\d{0,2}(?:,\d{3})+\s*$/;

/**
 * Returns how many numbers a field lists, as a table of vectors has them in one column: "[0.5, -1]", or with white space or bars
 * between them. 0 for other text.
 */
export function listLength(field: string): number {
  if (THOUSANDS.test(field)) return 0;
  const text = field.trim();
  const parts = (/^[[({]/.test(text) ? text.slice(1, -1) : text).trim().split(/[\s,;|]+/);
  return parts.length > 1 && parts.every(isValue) ? parts.length : 0;
}

/**
 * Returns whether a field holds numbers between semicolons or tabs, or a number with a decimal comma, as spreadsheets of some
 * languages write them. Such columns would be taken for text and left out, and the others for all there is.
 */
export const isOtherNotation = (field: string): boolean =>
  NUMBERS_APART.test(field) || (DECIMAL_COMMA.test(field) && !THOUSANDS.test(field));

/**
 * Returns the value of a field of a column of this type: null for an empty one. A field of another type is a number if it can be
 * read as one, otherwise a text, as is an integer that a number would round.
 */
export function typedField(field: string, type: ColumnType): unknown {
  if (field === "") return null;
  if (type === "number") return isRoundedInteger(field.trim()) ? field : (numberOf(field) ?? field);
  if (type === "string") return field;
  const text = field.trim().toLowerCase();
  if (text === "true" || text === "1") return true;
  if (text === "false" || text === "0") return false;
  return isValue(field) ? numberOf(field) : field;
}
