// @ts-check
// A reader of JSON lines. Its errors name the file, the line and the field.

/** @typedef {Iterable<string> | AsyncIterable<string>} Lines */
/**
 * An object of a file, and its place.
 * @typedef {{ readonly file: string, readonly line: number, readonly value: Record<string, unknown> }} Place
 */

/** The error for a line that cannot be used. */
export class InputError extends Error {
  /** @override */
  name = "InputError";
}

/**
 * Reads the objects of a file. It skips empty lines. InputError for a line that is not an object.
 * @param {Lines} lines
 * @param {string} file
 * @returns {AsyncGenerator<Place>}
 */
export async function* objects(lines, file) {
  let line = 0;
  for await (const text of lines) {
    line++;
    if (text.trim() !== "") yield { file, line, value: objectOf(text, file, line) };
  }
}

/**
 * @param {string} text
 * @param {string} file
 * @param {number} line
 * @returns {Record<string, unknown>}
 */
export function objectOf(text, file, line) {
  /** @type {unknown} */
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    throw new InputError(`${file}:${line}: expected JSON, got ${shown(text)}`);
  }
  if (isObject(value)) return value;
  throw new InputError(`${file}:${line}: expected an object, got ${shown(value)}`);
}

/**
 * @param {unknown} value
 * @returns {value is Record<string, unknown>}
 */
const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * @param {Place} place
 * @param {string} field
 * @param {string} expected
 * @param {unknown} [got] what the field holds, unless told
 */
export const wrong = ({ file, line, value }, field, expected, got = value[field]) =>
  new InputError(`${file}:${line}: "${field}" expected ${expected}, got ${shown(got)}`);

/**
 * @param {Place} place
 * @param {string} field
 */
export function textIn(place, field) {
  const value = place.value[field];
  if (typeof value === "string" && value !== "") return value;
  throw wrong(place, field, "a text");
}

/**
 * @param {Place} place
 * @param {string} field
 */
export function numberIn(place, field) {
  const value = place.value[field];
  if (isNumber(value)) return value;
  throw wrong(place, field, "a number");
}

/**
 * @param {unknown} value
 * @returns {value is number}
 */
export const isNumber = (value) => typeof value === "number" && Number.isFinite(value);

/**
 * @param {unknown} value
 * @returns {value is number}
 */
export const isCount = (value) => isNumber(value) && Number.isSafeInteger(value) && value >= 0;

/**
 * Returns the row of the line's vector in its request, 0 by default, and a key of request and row.
 * @param {Place} place
 */
export function requestIn(place) {
  const { row = 0 } = place.value;
  if (!isCount(row)) throw wrong(place, "row", "an integer from 0");
  const requestId = textIn(place, "requestId");
  return { requestId, row, key: JSON.stringify([requestId, row]) };
}

/**
 * @template T
 * @param {Place} place
 * @param {string} field
 * @param {string} expected
 * @param {(value: unknown) => value is T} isRight
 * @returns {T[]}
 */
export function listIn(place, field, expected, isRight) {
  const values = place.value[field];
  if (!Array.isArray(values)) throw wrong(place, field, `an array of ${expected}`);
  const at = values.findIndex((value) => !isRight(value));
  if (at >= 0) throw wrong(place, `${field}[${at}]`, expected, values[at]);
  return values;
}

/** @param {unknown} value */
function shown(value) {
  const text = value === undefined ? "nothing" : typeof value === "string" ? `"${value}"` : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)} …` : text;
}
