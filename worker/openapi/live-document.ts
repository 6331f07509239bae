import type { GenericSchema } from "valibot";
import {
  liveInfoAnswer,
  liveVectorizeResult,
  liveVectorizeVectors,
  mutationAnswer,
  vectorizeMutation,
} from "../contract/live-answers.ts";
import { LIVE_PROBLEMS } from "../contract/live-problems.ts";
import {
  deleteByIdsSchema,
  deleteSchema,
  live,
  MAX_CHANGED,
  MAX_CHANGES_BYTES,
  upsertSchema,
} from "../contract/live-requests.ts";
import { PROBLEMS } from "../contract/problem.ts";
import { vectorizeSchema } from "../contract/requests.ts";
import { vectorizeAnswer } from "../contract/vectorize-answers.ts";
import { schemaWithFields } from "../endpoints/with-fields.ts";
import { DELETE_PATH, UPSERT_PATH } from "../live/writers.ts";
import { INDEX_PATH } from "../vectorize/routes.ts";
import { type DescribedService, documentOf, ENDPOINTS, openApiPath, servicePaths } from "./document.ts";
import { errorResponses, headerRefs } from "./errors.ts";
import { BODY_STATUSES, jsonContent, SECURITY } from "./operations.ts";
import { requestJson } from "./schemas-json.ts";

const DESCRIPTION =
  "An index whose classes change, with a log of its changes. Its routes and fields are those of openapi.json, and beside them " +
  "those that write, minMutation and mutation. What an answer must have may also be said in the header x-min-mutation, of any " +
  "request, and every answer says in the header x-mutation what it has. Writing needs a token of its own.";

/** The description of the routes that write. */
export const WRITING =
  "Changes of classes. They are in the log when the answer comes, and answers have them a moment later.";

const WRITE_STATUSES = [...BODY_STATUSES, 403, 412, 422, 507];

const KEY = {
  name: "idempotency-key",
  in: "header",
  required: false,
  description: "The same key of the same token within 24 hours is the same call. With another body it gets 422.",
  schema: { type: "string", minLength: 1, maxLength: 255, pattern: "^[!-~]*$" },
};

const UNPARSABLE = {
  name: "unparsable-behavior",
  in: "query",
  required: false,
  description: "Whether lines that are not valid JSON are an error, or up to 1,000 of them are left out.",
  schema: { type: "string", enum: ["error", "discard"], default: "error" },
};

interface Write {
  readonly operationId: string;
  readonly summary: string;
  readonly description: string;
  readonly content: object;
  /** The parameters beside the key. */
  readonly parameters?: readonly object[];
}

const json = (schema: GenericSchema): object => ({ "application/json": { schema: requestJson(schema) } });

const written = (write: Write, tag: string, answer: GenericSchema, shape: "Problem" | "VectorizeError") => ({
  operationId: write.operationId,
  summary: write.summary,
  description: write.description,
  tags: [tag],
  security: SECURITY,
  parameters: [KEY, ...(write.parameters ?? [])],
  requestBody: {
    required: true,
    description: `At most ${MAX_CHANGED} classes and ${MAX_CHANGES_BYTES} bytes.`,
    content: write.content,
  },
  responses: {
    200: { description: "The changes are kept.", headers: headerRefs(["x-request-id"]), content: jsonContent(answer) },
    ...errorResponses(WRITE_STATUSES, shape),
  },
});

const LINES = {
  "application/x-ndjson": {
    schema: {
      type: "string",
      description: "An object a line: id, values, and perhaps metadata and namespace.",
    },
  },
  "multipart/form-data": {
    schema: { type: "object", description: "One file of such lines.", additionalProperties: true },
  },
};

const ignored = Array.from(INDEX_PATH.matchAll(/:(\w+)/g), ([, name]) => ({
  name,
  in: "path",
  required: true,
  schema: { type: "string" },
  description: "Any value: the service ignores it.",
}));

const vectorizeWrite = (operation: string, write: Omit<Write, "operationId">) => ({
  [`${INDEX_PATH.replaceAll(/:(\w+)/g, "{$1}")}/${operation}`]: {
    parameters: ignored,
    post: written(
      { operationId: operation.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase()), ...write },
      "vectorize",
      vectorizeAnswer(vectorizeMutation),
      "VectorizeError",
    ),
  },
});

/** The routes that write. */
export const WRITE_PATHS = {
  [UPSERT_PATH]: {
    post: written(
      {
        operationId: "upsertClasses",
        summary: "Adds or replaces classes",
        content: json(upsertSchema),
        description: "All of them, or none. Rows are checked against the index that is served.",
      },
      ...(["writing", mutationAnswer, "Problem"] as const),
    ),
  },
  [DELETE_PATH]: {
    post: written(
      {
        operationId: "deleteClasses",
        summary: "Removes classes",
        content: json(deleteSchema),
        description: "A label that the index does not have is no error.",
      },
      ...(["writing", mutationAnswer, "Problem"] as const),
    ),
  },
  ...vectorizeWrite("insert", {
    summary: "Adds classes",
    description: "Classes that the index has stay as they are.",
    content: LINES,
    parameters: [UNPARSABLE],
  }),
  ...vectorizeWrite("upsert", {
    summary: "Adds or replaces classes",
    description: "All of them, or none.",
    content: LINES,
    parameters: [UNPARSABLE],
  }),
  ...vectorizeWrite("delete_by_ids", {
    summary: "Removes classes",
    content: json(deleteByIdsSchema),
    description: "An id that the index does not have is no error.",
  }),
};

/** The service that live-openapi.json describes: midx/live. */
export const LIVE_SERVICE: DescribedService = {
  title: "midx live",
  description: DESCRIPTION,
  endpoints: ENDPOINTS.map((endpoint) => ({
    ...endpoint,
    schema: schemaWithFields(endpoint.schema as GenericSchema<unknown>, live),
  })),
  vectorize: {
    schema: schemaWithFields<unknown>(vectorizeSchema, live),
    result: liveVectorizeResult,
    vectors: liveVectorizeVectors,
  },
  problems: { ...PROBLEMS, ...LIVE_PROBLEMS },
  tags: [{ name: "writing", description: WRITING }],
  // Any request may have the header x-min-mutation, with a number that the log lacks or that this isolate cannot reach.
  moreStatuses: [400, 412],
  paths: { ...servicePaths(liveInfoAnswer), ...WRITE_PATHS, ...openApiPath },
};

/** The content of live-openapi.json for this version of the package. */
export const liveDocument = (version: string): object => documentOf(version, LIVE_SERVICE);
