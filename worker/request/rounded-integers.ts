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

/**
 * Refuses integers in fields that their JSON text states and a double does not hold, such as an id of 64 bits: as a number it would be
 * another one, without a word. Digits that JavaScript writes for a double pass.
 */
export function refuseRounded(fields: Readonly<Record<string, unknown>>, text: string): void {
  const large = new Map<number, string>();
  const inside = ([at, value]: readonly [string, unknown]): [string, unknown][] => {
    if (Array.isArray(value)) return value.map((each: unknown, i) => [`${at}[${i}]`, each]);
    if (isObject(value)) return Object.entries(value).map(([name, each]) => [`${at}.${name}`, each]);
    if (Number.isInteger(value) && !Number.isSafeInteger(value)) large.set(value as number, at.slice(0, MOST_SHOWN));
    return [];
  };
  let values = Object.entries(fields);
  for (let level = 0; values.length > 0 && level < MOST_LEVELS; level++) values = values.flatMap(inside);
  if (large.size === 0) return;
  let isQuoted = false;
  for (const [token, digits = ""] of text.matchAll(QUOTES_AND_LONG)) {
    if (token === '"') isQuoted = !isQuoted;
    const at = isQuoted ? undefined : large.get(Number(digits));
    if (at === undefined || !isRounded(digits)) continue;
    throw invalidField(at, `a number that a double holds, got ${digits}: give it as a string`);
  }
}

const isRounded = (digits: string): boolean =>
  digits !== String(Number(digits)) && BigInt(digits) !== BigInt(Number(digits));
