import { FormatError } from "../bytes/format-error.ts";
import { quoteName } from "../bytes/strict-json.ts";
import { shown } from "../checks/check.ts";
import { isObject } from "../checks/is-object.ts";

// Readers of fields of JSON that comes from outside. Each throws a FieldFault that names the field, the expected and the actual
// value.

class FieldFault extends Error {}

export const fault = (message: string): Error => new FieldFault(message);

/** Runs `action`. A FieldFault becomes a FormatError with the code `what`, which also names the text in the message. */
export function reading<T>(what: "pointer" | "manifest" | "plan", action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof FieldFault)) throw error;
    throw new FormatError(what, 0, `the ${what}: ${error.message}`);
  }
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const SHA256 = /^[0-9a-f]{64}$/;

export const isVersionName = (name: string): boolean => NAME.test(name);

/** Throws a RangeError, which begins with the name of the field, for a name that no version can have. */
export function checkVersionName(field: string, name: string): void {
  if (isVersionName(name)) return;
  throw new RangeError(`${field} expected 1 to 64 letters, digits, ".", "_" or "-", got ${JSON.stringify(name)}`);
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw fault(`expected JSON, got ${shown(text)}: let midx write it again`);
  }
}

export function objectOf(value: unknown, name: string): Record<string, unknown> {
  if (isObject(value)) return value;
  throw fault(`${name} expected an object, got ${shown(value)}`);
}

/**
 * Throws for a field that is not `known`. `prefix` stands before the names in the message, `form` names the text that is read.
 */
export function onlyFields(
  object: Record<string, unknown>,
  known: readonly string[],
  prefix: string,
  form = "pointer",
): Record<string, unknown> {
  for (const name of Object.keys(object)) {
    if (!known.includes(name)) throw fault(`${quoteName(prefix + name)} is not a field of this form of ${form}`);
  }
  return object;
}

export function arrayOf(value: unknown, field: string, most: number): readonly unknown[] {
  if (Array.isArray(value) && value.length >= 1 && value.length <= most) return value;
  throw fault(
    `"${field}" expected an array of 1 to ${most}, got ${Array.isArray(value) ? value.length : shown(value)}`,
  );
}

export function versionOf(value: unknown, field: string): string {
  if (typeof value === "string" && isVersionName(value)) return value;
  throw fault(`"${field}" expected 1 to 64 letters, digits, "." "_" or "-", got ${shown(value)}`);
}

export function digestOf(value: unknown, field: string): string {
  if (typeof value === "string" && SHA256.test(value)) return value;
  throw fault(`"${field}" expected 64 hex digits, got ${shown(value)}`);
}

export function integerOf(value: unknown, field: string, low: number, high: number): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= low && value <= high) return value;
  throw fault(`"${field}" expected an integer from ${low} to ${high}, got ${shown(value)}`);
}

export function numberOf(value: unknown, field: string, low: number, high: number): number {
  if (typeof value === "number" && value >= low && value <= high) return value;
  throw fault(`"${field}" expected a number from ${low} to ${high}, got ${shown(value)}`);
}

export function flagOf(value: unknown, field: string): boolean {
  if (typeof value === "boolean") return value;
  throw fault(`"${field}" expected true or false, got ${shown(value)}`);
}

export function metricOf(value: unknown, field: string): "dot" | "cosine" {
  if (value === "dot" || value === "cosine") return value;
  throw fault(`"${field}" expected "dot" or "cosine", got ${shown(value)}`);
}
