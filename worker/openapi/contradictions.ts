import type { JsonSchema } from "@valibot/to-json-schema";
import { EXCLUSIVE } from "../../src/internal.ts";

/** The options that the library refuses beside an option, by that option, for those that a question has. */
export function contradictionsJson(properties: object, required: readonly string[]): Record<string, JsonSchema> {
  const isOption = (name: string): boolean => name in properties && !required.includes(name);
  const beside: Record<string, JsonSchema> = {};
  for (const [option, others] of EXCLUSIVE) {
    const refused = others.filter(isOption);
    if (!isOption(option) || refused.length === 0) continue;
    const without: JsonSchema = { properties: Object.fromEntries(refused.map((name) => [name, false])) };
    // `exact: false` is what nothing said means.
    beside[option] = option === "exact" ? { anyOf: [{ properties: { exact: { const: false } } }, without] } : without;
  }
  if (isOption("targetError")) beside.targetError = { required: ["scan"], properties: { scan: { const: "auto" } } };
  return beside;
}
