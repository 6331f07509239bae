import { type JsonSchema, toJsonSchema } from "@valibot/to-json-schema";
import type { GenericSchema } from "valibot";
import { descriptionOf, FIELDS, type FieldDescription } from "../contract/fields.ts";
import { queries } from "../contract/requests.ts";
import { sequenceQueries } from "../contract/sequence-requests.ts";
import { contradictionsJson } from "./contradictions.ts";

const TARGET = "draft-2020-12"; // the draft that OpenAPI 3.1 uses

/** The fields that raw vectors replace. */
export const QUERY_FIELDS = [...Object.keys(queries), ...Object.keys(sequenceQueries)];
/** A request has exactly one of these fields. */
const QUERIES = QUERY_FIELDS.filter((name) => name !== "weights" && name !== "unknownItems");
/** Vectorize's query has exactly one of these fields. */
const VECTORIZE_QUERIES = ["vector", "vectorId"];

const DESCRIPTIONS: Readonly<Record<string, FieldDescription>> = FIELDS;

/** Tells whether a field is a list or an object, or one of them, which a query string has as JSON. */
export const isStructured = (name: string): boolean =>
  ["array", "strict_object", "record", "union"].includes(DESCRIPTIONS[name]?.value?.type ?? "");

/** The schema of a request, with the descriptions of its fields. */
export function requestJson(schema: GenericSchema): JsonSchema {
  const { properties = {}, required = [], ...json } = inputJson(schema);
  const { entries } = schema as GenericSchema & { readonly entries: Readonly<Record<string, GenericSchema>> };
  const described = Object.entries(entries).map(([name, field]) => [name, fieldJson(name, field, properties[name])]);
  const contradictions = { ...contradictionsJson(properties, required), ...itemsNeedSequences(properties) };
  return {
    ...json,
    ...(Object.keys(contradictions).length > 0 && { dependentSchemas: contradictions }),
    properties: Object.fromEntries(described),
    ...(required.length > 0 && { required }),
    ...("vectorId" in properties && { oneOf: VECTORIZE_QUERIES.map((name) => ({ required: [name] })) }),
    ...("vectors" in properties && {
      oneOf: QUERIES.filter((name) => name in properties).map((name) => ({ required: [name] })),
      dependentRequired: { weights: ["features"], ...penaltiesNeedHistory(properties) },
    }),
  };
}

/** The treatment of unknown items is about sequences, and is refused without any. */
const itemsNeedSequences = (properties: object): Record<string, JsonSchema> =>
  "sequences" in properties
    ? {
        unknownItems: {
          anyOf: ["sequence", "sequences"].map((name) => ({ properties: { [name]: {} }, required: [name] })),
        },
      }
    : {};

/** The penalties are about the history, and are refused without it. */
function penaltiesNeedHistory(properties: object): Record<string, string[]> {
  const penalties = Object.keys(properties).filter((name) => /^\w+_?penalty$/i.test(name));
  return Object.fromEntries(penalties.map((name) => [name, ["history"]]));
}

/** The schema of one field of a request. */
export const requestFieldJson = (name: string, schema: GenericSchema): JsonSchema =>
  fieldJson(name, schema, inputJson(schema));

function fieldJson(name: string, schema: GenericSchema, property: unknown): JsonSchema {
  const { description, value } = descriptionOf(name, schema) as FieldDescription;
  // Schemas of values have the elements and the descriptions that the Worker's lack.
  return { ...Object(property), ...(value && inputJson(value)), description };
}

function inputJson(schema: GenericSchema): JsonSchema {
  const { $schema: _, ...json } = toJsonSchema(schema, {
    target: TARGET,
    typeMode: "input",
    overrideSchema: ({ valibotSchema }) => overridden(valibotSchema),
    overrideAction: ({ valibotAction, jsonSchema }) => {
      if ("metadata" in valibotAction) return { ...jsonSchema, ...(valibotAction.metadata as JsonSchema) };
      return "requirement" in valibotAction && valibotAction.requirement === Number.POSITIVE_INFINITY
        ? jsonSchema
        : undefined;
    },
  });
  return json;
}

/** The Worker's schema of a list leaves its elements open; FIELDS has them. A picklist with one option becomes a const. */
function overridden(schema: object): JsonSchema | undefined {
  const { type, options = [] } = schema as { type: string; options?: readonly string[] };
  if (type === "custom") return {};
  return type === "picklist" && options.length === 1 ? { const: options[0] as string } : undefined;
}

export function answerJson(schema: GenericSchema): JsonSchema {
  const { $schema: _, ...json } = toJsonSchema(schema, { target: TARGET, typeMode: "output" });
  return json;
}
