import type { ColumnType } from "../../format/columns.ts";

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

/** Returns the value of a field of a column of this type: null for an empty one, and the text if it is not of this type. */
export function typedField(field: string, type: ColumnType): unknown {
  if (field === "") return null;
  if (type === "number") return numberOf(field) ?? field;
  if (type === "string") return field;
  const text = field.trim().toLowerCase();
  return text === "true" || text === "1" ? true : text === "false" || text === "0" ? false : field;
}
