import type { GenericSchema } from "valibot";
import { MAX_BATCH, MAX_BATCH_BYTES, MAX_QUERY_BYTES } from "../contract/limits.ts";
import { F32_TYPE } from "../request/body.ts";
import { errorResponses, type HeaderName, headerRefs } from "./errors.ts";
import { answerJson, isList, QUERY_FIELDS, requestJson } from "./schemas-json.ts";

/** Everything that is guarded asks for a token, where the service has some. */
export const SECURITY = [{}, { bearer: [] }];
/** With 405, which another method of the path is answered with. */
export const GUARD_STATUSES = [401, 405, 429, 500, 503];
export const BODY_STATUSES = [400, 401, 405, 408, 413, 415, 429, 500, 503];

/** A question of the library, as it is over HTTP. */
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
      parameters: [BATCH, ...besideVectors(schema)],
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
function besideVectors(schema: GenericSchema): object[] {
  const fields = Object.entries(requestJson(schema).properties ?? {}).filter(([name]) => !QUERY_FIELDS.includes(name));
  return fields.map(([name, field]) => {
    const { description, ...json } = Object(field);
    const value = isList(name) ? { content: { "application/json": { schema: json } } } : { schema: json };
    return { name, in: "query", description: `Beside raw vectors alone. ${description}`, ...value };
  });
}

export interface ReadDescription {
  readonly operationId: string;
  readonly summary: string;
  readonly answers: string;
  /** The body of the answer, by its media type. */
  readonly content: object;
  /** Beyond 405, 500 and 503, which everything has. */
  readonly access: "guarded" | "open" | "asset";
  readonly headers: readonly HeaderName[];
}

/** GET of something about the service. */
export function readOperation({ operationId, summary, answers, content, access, headers }: ReadDescription): object {
  const statuses = { guarded: GUARD_STATUSES, open: [405, 500, 503], asset: [404, 405, 500, 503] }[access];
  return {
    get: {
      ...{ operationId, summary, tags: ["service"], security: access === "guarded" ? SECURITY : [] },
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

export const schemaRef = (name: string): object => ({ $ref: `#/components/schemas/${name}` });
