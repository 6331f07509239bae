import { isObject } from "../../src/internal.ts";
import { invalidField } from "./invalid-field.ts";

/**
 * Quotes in a JSON text, and integers of so many digits that a double may not hold them. Those of more are beyond all doubles. What
 * is behind a backslash ends no text.
 */
const QUOTES_AND_LONG = /\\.|"|[:[,\s](-?\d{16,309})(?=[\s,\]}])/g;
/** More levels of objects and arrays are refused everywhere. */
const MOST_LEVELS = 80;
/** The longest name of a value that a message repeats. */
const MOST_SHOWN = 128;

/** Names that lead to a value, from the field on. */
type Names = readonly (string | number)[];

/**
 * Refuses integers in fields that their JSON text states and a double does not hold, such as an id of 64 bits: as a number it would be
 * another one, without a word. Digits that JavaScript writes for a double pass.
 *
 * The fields are unchecked, so names may have megabytes and lists millions of values. Only the name of a value that is refused is
 * written.
 */
export function refuseRounded(fields: Readonly<Record<string, unknown>>, text: string): void {
  const large = new Set<number>();
  visitNumbers(fields, (value) => {
    if (Number.isInteger(value) && !Number.isSafeInteger(value)) large.add(value);
  });
  if (large.size === 0) return;
  let isQuoted = false;
  for (const [token, digits = ""] of text.matchAll(QUOTES_AND_LONG)) {
    if (token === '"') isQuoted = !isQuoted;
    const value = Number(digits);
    if (isQuoted || !large.has(value) || !isRounded(digits)) continue;
    throw invalidField(placeOf(value, fields), `a number that a double holds, got ${digits}: give it as a string`);
  }
}

/** Calls `visit` with each number in a value, and with the names that lead to it: a list that changes afterwards. */
function visitNumbers(
  value: unknown,
  visit: (value: number, names: Names) => void,
  names: (string | number)[] = [],
): void {
  const visitAt = (name: string | number, inner: unknown): void => {
    names.push(name);
    visitNumbers(inner, visit, names);
    names.pop();
  };
  if (typeof value === "number") visit(value, names);
  else if (names.length === MOST_LEVELS) return;
  else if (Array.isArray(value)) for (let i = 0; i < value.length; i++) visitAt(i, value[i]);
  else if (isObject(value)) for (const name of Object.keys(value)) visitAt(name, value[name]);
}

/** Writes the names that lead to a number, the first of its value. */
function placeOf(number: number, fields: Readonly<Record<string, unknown>>): string {
  let found: Names | undefined;
  visitNumbers(fields, (value, names) => {
    if (value === number) found ??= [...names];
  });
  const [field = "", ...inner] = found ?? [];
  const shown = inner.map((name) => (typeof name === "number" ? `[${name}]` : `.${name.slice(0, MOST_SHOWN)}`));
  return `${field}${shown.join("")}`.slice(0, MOST_SHOWN);
}

const isRounded = (digits: string): boolean =>
  digits !== String(Number(digits)) && BigInt(digits) !== BigInt(Number(digits));
