import { Problem } from "../contract/problem.ts";

/** Returns the name of a field for an option of the library. */
export type FieldNames = (option: string) => string;

/** A 400 that names the field. */
export function invalidField(field: string, expectation: string): Problem {
  return new Problem("invalid_field", `"${field}" expected ${expectation}`);
}

/** The value for null and numbers (Infinity is JSON's 1e999), otherwise its type, so that errors stay short. */
export function kindOf(value: unknown): string {
  if (Array.isArray(value)) return "an array";
  return value === null || typeof value === "number" ? String(value) : typeof value;
}
