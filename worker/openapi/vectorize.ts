import type { GenericSchema } from "valibot";
import { MAX_BATCH_BYTES, MAX_QUERY_BYTES } from "../contract/limits.ts";
import { idsSchema, listSchema, vectorizeSchema } from "../contract/requests.ts";
import {
  vectorizeAnswer,
  vectorizeDescription,
  vectorizeIds,
  vectorizeInfo,
  vectorizeList,
  vectorizeMetadataIndexes,
  vectorizeResult,
  vectorizeVectors,
} from "../contract/vectorize-answers.ts";
import { INDEX_PATH, INDEXES_PATH, QUERY_PATH } from "../vectorize/routes.ts";
import { errorResponses, headerRefs } from "./errors.ts";
import { EXAMPLES } from "./examples.ts";
import { BODY_STATUSES, componentOf, GUARD_STATUSES, SECURITY, schemaRef } from "./operations.ts";
import { answerJson, requestJson } from "./schemas-json.ts";

interface VectorizeOperation {
  readonly path: string;
  readonly operationId: string;
  readonly summary: string;
  readonly description: string;
  readonly result: GenericSchema;
  /** The fields of the body and its most bytes, with an example of a request and its answer. */
  readonly body?: { readonly schema: GenericSchema; readonly maxBytes: number; readonly example: Example };
  /** Fields in the query string. */
  readonly search?: GenericSchema;
}

interface Example {
  readonly request: object;
  readonly answer: object;
}

/** The schemas of Vectorize's calls that differ between services. */
export interface VectorizeSchemas {
  /** The fields of a query. */
  readonly schema: GenericSchema;
  /** The result of a query. */
  readonly result: GenericSchema;
  /** The classes that get_by_ids returns. Default: those of an index that does not change. */
  readonly vectors?: GenericSchema;
}

const OF_INDEX: VectorizeSchemas = { schema: vectorizeSchema, result: vectorizeResult };

function operationsOf({ schema, result, vectors = vectorizeVectors }: VectorizeSchemas): readonly VectorizeOperation[] {
  const query = {
    description: "Scores are exact logits. An id is a label if the index has labels. Values are the stored row.",
    result,
    body: { schema, maxBytes: MAX_QUERY_BYTES, example: EXAMPLES.vectorizeQuery },
  };
  return [
    { path: QUERY_PATH, operationId: "vectorizeQuery", summary: "The best classes", ...query },
    {
      path: `${INDEX_PATH}/query`,
      operationId: "vectorizeQueryIndex",
      summary: "The best classes, at the path of Cloudflare's REST API",
      ...query,
    },
    {
      path: `${INDEX_PATH}/get_by_ids`,
      operationId: "getByIds",
      summary: "The stored rows of classes",
      description: "An id that the index lacks is left out.",
      result: vectors,
      body: { schema: idsSchema, maxBytes: MAX_BATCH_BYTES, example: EXAMPLES.getByIds },
    },
    ...READS,
  ];
}

const READS: readonly VectorizeOperation[] = [
  {
    path: INDEXES_PATH,
    operationId: "listIndexes",
    summary: "The one index",
    description: "The list names it midx. It answers at every account and name.",
    result: vectorizeList,
  },
  {
    path: INDEX_PATH,
    operationId: "getIndex",
    summary: "Dimensions and metric",
    description: "The answer has the name that the path gives.",
    result: vectorizeDescription,
  },
  {
    path: `${INDEX_PATH}/info`,
    operationId: "getIndexInfo",
    summary: "Dimensions, vectors and version",
    description:
      "The last mutation is the publication of the version that is served or, where classes change, the last change.",
    result: vectorizeInfo,
  },
  {
    path: `${INDEX_PATH}/list`,
    operationId: "listVectors",
    summary: "The ids of all classes, page by page",
    description: "A cursor is valid for the version that returned it, and is refused once another version is served.",
    result: vectorizeIds,
    search: listSchema,
  },
  {
    path: `${INDEX_PATH}/metadata_index/list`,
    operationId: "listMetadataIndexes",
    summary: "The columns",
    description: "Filters can have every column of the index.",
    result: vectorizeMetadataIndexes,
  },
];

export function vectorizePaths(schemas = OF_INDEX): object {
  return Object.fromEntries(
    operationsOf(schemas).map(({ path, ...operation }) => {
      const names = Array.from(path.matchAll(/:(\w+)/g), ([, name]) => name as string);
      const parameters = names.map(ignoredParameter);
      const method = operation.body ? "post" : "get";
      return [
        path.replaceAll(/:(\w+)/g, "{$1}"),
        { ...(parameters.length > 0 && { parameters }), [method]: operationJson(operation) },
      ];
    }),
  );
}

export function vectorizeSchemas(ofService = OF_INDEX): object {
  const operations = operationsOf(ofService).filter(({ operationId }) => operationId !== "vectorizeQueryIndex");
  const schemas = operations.flatMap(({ operationId, body, result }) => [
    ...(body ? [[`${componentOf(operationId)}Request`, requestJson(body.schema)]] : []),
    [`${componentOf(operationId)}Answer`, answerJson(vectorizeAnswer(result))],
  ]);
  return Object.fromEntries(schemas);
}

/** The two paths of a query share their components. */
const componentNamed = (operationId: string): string =>
  componentOf(operationId.replace("vectorizeQueryIndex", "vectorizeQuery"));

function operationJson({ operationId, summary, description, body, search }: Omit<VectorizeOperation, "path">): object {
  const component = componentNamed(operationId);
  const headers = headerRefs(["x-request-id", "x-index-version", ...(component === "VectorizeQuery" ? SCORED : [])]);
  const content = {
    schema: schemaRef(`${component}Answer`),
    ...(body && { example: body.example.answer }),
  };
  return {
    operationId,
    summary,
    description,
    tags: ["vectorize"],
    security: SECURITY,
    ...(search && { parameters: searchParameters(search) }),
    ...(body && {
      requestBody: {
        required: true,
        description: `At most ${body.maxBytes} bytes.`,
        content: {
          "application/json": { schema: schemaRef(`${component}Request`), example: body.example.request },
        },
      },
    }),
    responses: {
      200: { description: "The result in Vectorize's envelope.", headers, content: { "application/json": content } },
      ...errorResponses(statusesOf(body, search), "VectorizeError"),
    },
  };
}

const SCORED = ["x-classes-scored"] as const;

const statusesOf = (body: object | undefined, search: object | undefined): number[] =>
  body ? BODY_STATUSES : search ? [400, ...GUARD_STATUSES] : GUARD_STATUSES;

const searchParameters = (schema: GenericSchema): object[] =>
  Object.entries(requestJson(schema).properties ?? {}).map(([name, field]) => {
    const { description, ...json } = Object(field);
    return { name, in: "query", description, schema: json };
  });

const ignoredParameter = (name: string): object => ({
  name,
  in: "path",
  required: true,
  schema: { type: "string" },
  description: "Any value: the service ignores it.",
});
