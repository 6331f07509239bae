import { type JsonSchema, toJsonSchema } from "@valibot/to-json-schema";
import type { GenericSchema } from "valibot";
import { FIELDS } from "../contract/fields.ts";
import { contradictionsJson } from "./contradictions.ts";

const TARGET = "draft-2020-12"; // that of OpenAPI 3.1

/** A question has one of these. */
const QUERIES = ["vector", "vectors", "features", "bags"];
/** Vectorize's query has one of these. */
const VECTORIZE_QUERIES = ["vector", "vectorId"];
/** Those that raw vectors stand for. */
export const QUERY_FIELDS: readonly string[] = [...QUERIES, "weights"];

/** A request's fields, with what they mean. A field without a meaning is an error. */
export function requestJson(schema: GenericSchema): JsonSchema {
  const {
    $schema: _,
    properties = {},
    required = [],
    ...json
  } = toJsonSchema(schema, {
    target: TARGET,
    typeMode: "input",
    overrideSchema: ({ valibotSchema }) => (valibotSchema.type === "custom" ? {} : undefined),
    overrideAction: ({ valibotAction, jsonSchema }) =>
      "requirement" in valibotAction && valibotAction.requirement === Number.POSITIVE_INFINITY ? jsonSchema : undefined,
  });
  const described = Object.entries(properties).map(([name, property]) => {
    const field = FIELDS[name];
    if (!field) throw new Error(`"${name}" is not described`);
    return [name, { ...field, ...Object(property) }];
  });
  const contradictions = contradictionsJson(properties, required);
  return {
    ...json,
    ...(Object.keys(contradictions).length > 0 && { dependentSchemas: contradictions }),
    properties: Object.fromEntries(described),
    ...(required.length > 0 && { required }),
    ...("vectorId" in properties && { oneOf: VECTORIZE_QUERIES.map((name) => ({ required: [name] })) }),
    ...("vectors" in properties && {
      oneOf: QUERIES.map((name) => ({ required: [name] })),
      dependentRequired: { weights: ["features"] },
    }),
  };
}

export function answerJson(schema: GenericSchema): JsonSchema {
  const { $schema: _, ...json } = toJsonSchema(schema, { target: TARGET, typeMode: "output" });
  return json;
}
