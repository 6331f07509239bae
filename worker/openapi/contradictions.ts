import type { JsonSchema } from "@valibot/to-json-schema";
import { EXCLUSIVE } from "../../src/internal.ts";
import { decodeName } from "../contract/decode-names.ts";

/** For each option of an endpoint, a schema that refuses the options which the library refuses beside it. */
export function contradictionsJson(properties: object, required: readonly string[]): Record<string, JsonSchema> {
  const isOption = (name: string): boolean => name in properties && !required.includes(name);
  const beside: Record<string, JsonSchema> = {};
  for (const [option, others] of EXCLUSIVE) {
    const refused = others.map((name) => (name in properties ? name : decodeName(name))).filter(isOption);
    if (!isOption(option) || refused.length === 0) continue;
    const without: JsonSchema = { properties: Object.fromEntries(refused.map((name) => [name, false])) };
    // `false` is the default.
    beside[option] = FLAGS.has(option) ? { anyOf: [{ properties: { [option]: { const: false } } }, without] } : without;
  }
  // "auto" chooses the proposal too, and is what targetError means.
  if (isOption("targetError")) beside.proposal = { properties: { scan: { type: "integer" }, targetError: false } };
  if (isOption("targetError")) beside.targetError = { properties: { scan: { const: "auto" } } };
  // That topP comes first depends on the order and on values that keep all classes.
  if (isOption("target_error"))
    beside.target_error = { required: ["top_p"], properties: { top_p: { type: "number" } } };
  return beside;
}

const FLAGS: ReadonlySet<string> = new Set(["exact", "certain"]);
