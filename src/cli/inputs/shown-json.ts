import { quoteName } from "../../bytes/strict-json.ts";

/** A value of JSON for a message. Lists and objects are not written out: a file may nest them deeper than the stack reaches. */
export function shownJson(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? "[]" : "an array";
  if (typeof value === "object" && value !== null) return "an object";
  return quoteName(JSON.stringify(value) ?? "nothing");
}
