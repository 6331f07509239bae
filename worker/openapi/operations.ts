import type { GenericSchema } from "valibot";
import { MAX_BATCH, MAX_BATCH_BYTES, MAX_QUERY_BYTES } from "../contract/limits.ts";
import { F32_TYPE } from "../request/body.ts";
import { errorResponses, type HeaderName, headerRefs } from "./errors.ts";
import { answerJson, isStructured, QUERY_FIELDS, requestJson } from "./schemas-json.ts";

/** Guarded operations take a token. They require one only if the service is configured with tokens. */
export const SECURITY = [{}, { bearer: [] }];
/** 405 is the answer to another method at the same path. */
export const GUARD_STATUSES = [401, 405, 429, 500, 503];
export const BODY_STATUSES = [400, 401, 405, 408, 413, 415, 429, 500, 503];

/** One operation of an endpoint. */
export interface EndpointOperation {
  readonly operationId: string;
  /** The prefix of the component names. */
  readonly component: string;
  readonly summary: string;
  readonly description: string;
  readonly schema: GenericSchema;
  readonly example: { readonly request: object; readonly answer: object };
}

/** A POST of JSON or of raw vectors. A request with one query gets one answer; a batch gets `results`. */
export function endpointOperation(operation: EndpointOperation): object {
  const { operationId, component, summary, description, schema, example } = operation;
  return {
    post: {
      operationId,
      summary,
      description,
      tags: ["softmax"],
      security: SECURITY,
      parameters: [BATCH, CLIENT_KEY, ...fieldParameters(schema)],
      requestBody: {
        required: true,
        description: `At most ${MAX_BATCH_BYTES} bytes. JSON with one query takes at most ${MAX_QUERY_BYTES}, beside a bitmap.`,
        content: {
          "application/json": { schema: schemaRef(`${component}Request`), example: example.request },
          [F32_TYPE]: { schema: RAW_VECTORS },
        },
      },
      responses: {
        200: {
          description: "One answer for one query, or results for a batch.",
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
  description: `One query or, with "batch" in the query string, a batch of queries end to end: little-endian f32, dim values each. All other fields go into the query string.`,
};

const BATCH = {
  name: "batch",
  in: "query",
  description:
    "The number of raw vectors. The answer is then results, in their order. Without it, the body is one query.",
  schema: { type: "integer", minimum: 1, maximum: MAX_BATCH },
};

const CLIENT_KEY = {
  name: "x-client-key",
  in: "header",
  description:
    "A key of the caller's own, such as the id of a user. While a canary is tried, one of the two versions answers a key all the time. It is hashed, and not kept.",
  schema: { type: "string" },
};

/** The fields that accompany raw vectors in the query string. A value is JSON, or text if it is not valid JSON. */
function fieldParameters(schema: GenericSchema): object[] {
  const fields = Object.entries(requestJson(schema).properties ?? {}).filter(([name]) => !QUERY_FIELDS.includes(name));
  return fields.map(([name, field]) => {
    const { description, ...json } = Object(field);
    const value = isStructured(name) ? { content: { "application/json": { schema: json } } } : { schema: json };
    return { name, in: "query", description: `Only with raw vectors. ${description}`, ...value };
  });
}

export interface ReadDescription {
  readonly operationId: string;
  readonly summary: string;
  readonly answers: string;
  /** The content of the answer by media type. */
  readonly content: object;
  /** Decides which statuses there are beside 405, 500 and 503, which every operation has. */
  readonly access: "guarded" | "open" | "asset";
  readonly headers: readonly HeaderName[];
}

/** A GET without parameters. */
export function readOperation({ operationId, summary, answers, content, access, headers }: ReadDescription): object {
  const statuses = { guarded: GUARD_STATUSES, open: [405, 500, 503], asset: [404, 405, 500, 503] }[access];
  return {
    get: {
      operationId,
      summary,
      tags: ["service"],
      security: access === "guarded" ? SECURITY : [],
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
