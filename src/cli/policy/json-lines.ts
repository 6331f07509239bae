import { isObject } from "../../checks/is-object.ts";

/** The lines of a file. */
export type Lines = Iterable<string> | AsyncIterable<string>;

/** An object of a file, and its place. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly value: Record<string, unknown>;
}

/** The error for a line that cannot be used, or for files that have nothing to say. */
export class InputError extends Error {
  override readonly name = "InputError";
}

/** Reads the objects of a file, and skips empty lines. InputError for a line that is not an object. */
export async function* objects(lines: Lines, file: string): AsyncGenerator<Place> {
  let line = 0;
  for await (const text of lines) {
    line++;
    if (text.trim() !== "") yield { file, line, value: objectOf(text, file, line) };
  }
}

export function objectOf(text: string, file: string, line: number): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new InputError(`${file}:${line}: expected JSON, got ${shown(text)}`);
  }
  if (isObject(value)) return value;
  throw new InputError(`${file}:${line}: expected an object, got ${shown(value)}`);
}

/** Makes the error for a field. `got` is by default the value of the field. */
export const wrong = ({ file, line, value }: Place, field: string, expected: string, got = value[field]): InputError =>
  new InputError(`${file}:${line}: "${field}" expected ${expected}, got ${shown(got)}`);

export function textIn(place: Place, field: string): string {
  const value = place.value[field];
  if (typeof value === "string" && value !== "") return value;
  throw wrong(place, field, "a text");
}

export function numberIn(place: Place, field: string): number {
  const value = place.value[field];
  if (isNumber(value)) return value;
  throw wrong(place, field, "a number");
}

export const isNumber = (value: unknown): value is number => typeof value === "number" && Number.isFinite(value);

export const isCount = (value: unknown): value is number =>
  isNumber(value) && Number.isSafeInteger(value) && value >= 0;

/** Returns the request of a line, with a key of request and row. A row is 0 by default. */
export function requestIn(place: Place): { readonly requestId: string; readonly key: string } {
  const { row = 0 } = place.value;
  if (!isCount(row)) throw wrong(place, "row", "an integer from 0");
  const requestId = textIn(place, "requestId");
  return { requestId, key: JSON.stringify([requestId, row]) };
}

export function listIn<T>(place: Place, field: string, expected: string, isRight: (value: unknown) => value is T): T[] {
  const values = place.value[field];
  if (!Array.isArray(values)) throw wrong(place, field, `an array of ${expected}`);
  const at = values.findIndex((value) => !isRight(value));
  if (at >= 0) throw wrong(place, `${field}[${at}]`, expected, values[at]);
  return values;
}

/** Most characters of a value that an error repeats. */
const MOST_SHOWN = 60;

function shown(value: unknown): string {
  const text = value === undefined ? "nothing" : typeof value === "string" ? `"${value}"` : JSON.stringify(value);
  return text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)} …` : text;
}
