import type { GenericSchema } from "valibot";
import { F32_TYPE } from "../body.ts";
import { MAX_BATCH, MAX_BATCH_BYTES, MAX_QUERY_BYTES } from "../limits.ts";
import { errorResponses, type HeaderName, headerRefs } from "./errors.ts";
import { FIELDS } from "./fields.ts";
import { answerJson, QUERY_FIELDS, requestJson } from "./schemas-json.ts";

/** Of everything that is guarded: tokens are asked for where the service has some. */
const SECURITY = [{}, { bearer: [] }];
const GUARD_STATUSES = [401, 429, 500, 503];
const BODY_STATUSES = [400, 401, 413, 415, 429, 500, 503];

/** What a question of the library is over HTTP. */
export interface QuestionDescription {
  /** Name of the operation, and in capitals that of its components. */
  readonly operationId: string;
  readonly summary: string;
  readonly description: string;
  readonly schema: GenericSchema;
  readonly example: { readonly request: object; readonly answer: object };
}

/** POST with JSON or raw vectors, answered as the request was: one answer, or results. */
export function questionOperation({ operationId, summary, description, schema, example }: QuestionDescription): object {
  const component = componentOf(operationId);
  return {
    post: {
      ...{ operationId, summary, description, tags: ["questions"], security: SECURITY },
      parameters: [BATCH, ...parametersOf(schema)],
      requestBody: {
        required: true,
        description: `At most ${MAX_BATCH_BYTES} bytes; of JSON with one query at most ${MAX_QUERY_BYTES}.`,
        content: {
          "application/json": { schema: schemaRef(`${component}Request`), example: example.request },
          [F32_TYPE]: { schema: RAW_VECTORS },
        },
      },
      responses: {
        200: {
          description: "The answer to one query, or those to several.",
          headers: headerRefs(["x-request-id", "x-index-version"]),
          content: {
            "application/json": {
              schema: { anyOf: [schemaRef(`${component}Answer`), schemaRef(`${component}Answers`)] },
              example: example.answer,
            },
          },
        },
        ...errorResponses(BODY_STATUSES),
      },
    },
  };
}

const RAW_VECTORS = {
  type: "string",
  format: "binary",
  description: `One query, or with "batch" that many end to end: little-endian f32, dim values each. The other fields are in the query string.`,
};

const BATCH = {
  name: "batch",
  in: "query",
  description: "The number of raw vectors, answered by results in their order. A body without it is one query.",
  schema: { type: "integer", minimum: 1, maximum: MAX_BATCH },
};

/** The fields beside raw vectors: as JSON, or as text where that is none. */
function parametersOf(schema: GenericSchema): object[] {
  const fields = Object.entries(requestJson(schema).properties ?? {}).filter(([name]) => !QUERY_FIELDS.includes(name));
  return fields.map(([name, field]) => {
    const { description, ...json } = Object(field);
    const value =
      FIELDS[name]?.type === "array" ? { content: { "application/json": { schema: json } } } : { schema: json };
    return { name, in: "query", description: `Beside raw vectors alone. ${description}`, ...value };
  });
}

export interface VectorizeDescription {
  readonly operationId: string;
  readonly summary: string;
  /** Names of the path's parameters, whose values are not looked at. */
  readonly ignored: readonly string[];
  readonly example: { readonly request: object; readonly answer: object };
}

/** POST of Vectorize's query, answered in its envelope, errors included. */
export function vectorizeOperation({ operationId, summary, ignored, example }: VectorizeDescription): object {
  const parameters = ignored.map((name) => ({
    ...{ name, in: "path", required: true, schema: { type: "string" } },
    description: "Any: it is not looked at.",
  }));
  return {
    ...(parameters.length > 0 && { parameters }),
    post: {
      ...{ operationId, summary, tags: ["vectorize"], security: SECURITY },
      description: "Scores are exact logits; ids are labels where the index has labels.",
      requestBody: {
        required: true,
        description: `At most ${MAX_QUERY_BYTES} bytes.`,
        content: { "application/json": { schema: schemaRef("VectorizeRequest"), example: example.request } },
      },
      responses: {
        200: {
          description: "The best classes, in Vectorize's envelope.",
          headers: headerRefs(["x-request-id", "x-index-version", "x-classes-scored"]),
          content: { "application/json": { schema: schemaRef("VectorizeAnswer"), example: example.answer } },
        },
        ...errorResponses(BODY_STATUSES, "VectorizeError"),
      },
    },
  };
}

export interface ReadDescription {
  readonly operationId: string;
  readonly summary: string;
  readonly answers: string;
  /** What is read, by its media type. */
  readonly content: object;
  /** Beyond 500 and 503, which everything has. */
  readonly access: "guarded" | "open" | "asset";
  readonly headers: readonly HeaderName[];
}

/** GET of something about the service. */
export function readOperation({ operationId, summary, answers, content, access, headers }: ReadDescription): object {
  const statuses = { guarded: GUARD_STATUSES, open: [500, 503], asset: [404, 500, 503] }[access];
  return {
    get: {
      ...{ operationId, summary, tags: ["service"], ...(access === "guarded" && { security: SECURITY }) },
      responses: {
        200: {
          description: answers,
          headers: headerRefs(headers),
          content,
        },
        ...errorResponses(statuses),
      },
    },
  };
}

export const jsonContent = (schema: GenericSchema): object => ({ "application/json": { schema: answerJson(schema) } });

export const componentOf = (operationId: string): string => operationId.charAt(0).toUpperCase() + operationId.slice(1);

const schemaRef = (name: string): object => ({ $ref: `#/components/schemas/${name}` });
