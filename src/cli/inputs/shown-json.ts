import { quoteName } from "../../bytes/strict-json.ts";

/**
 * Formats a JSON value for a message. Arrays and objects are not written out: they may be nested deeper than the stack
 * allows.
 */
export function shownJson(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? "[]" : "an array";
  if (typeof value === "object" && value !== null) return "an object";
  if (value === undefined) return "nothing";
  return typeof value === "string" ? quoteName(value) : JSON.stringify(value);
}
