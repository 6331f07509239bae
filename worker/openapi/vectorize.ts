import type { GenericSchema } from "valibot";
import { MAX_QUERY_BYTES } from "../contract/limits.ts";
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
  /** A body's fields, with an example of a request and its answer. */
  readonly asked?: { readonly schema: GenericSchema; readonly example: Example };
  /** Fields in the query string. */
  readonly search?: GenericSchema;
}

interface Example {
  readonly request: object;
  readonly answer: object;
}

const QUERY = {
  description: "Scores are exact logits; ids are labels where the index has labels. The stored rows are the values.",
  result: vectorizeResult,
  asked: { schema: vectorizeSchema, example: EXAMPLES.query },
};

const OPERATIONS: readonly VectorizeOperation[] = [
  { path: QUERY_PATH, operationId: "query", summary: "The best classes", ...QUERY },
  {
    path: `${INDEX_PATH}/query`,
    operationId: "queryIndex",
    summary: "The best classes, at the path of Cloudflare's REST API",
    ...QUERY,
  },
  {
    path: `${INDEX_PATH}/get_by_ids`,
    operationId: "getByIds",
    summary: "The stored rows of classes",
    description: "Those that there are: an id that the index has not is left out.",
    result: vectorizeVectors,
    asked: { schema: idsSchema, example: EXAMPLES.getByIds },
  },
  {
    path: INDEXES_PATH,
    operationId: "listIndexes",
    summary: "The one index",
    description: "It is listed as midx, and answers to every account and name.",
    result: vectorizeList,
  },
  {
    path: INDEX_PATH,
    operationId: "getIndex",
    summary: "Dimensions and metric",
    description: "Under the name that was asked for.",
    result: vectorizeDescription,
  },
  {
    path: `${INDEX_PATH}/info`,
    operationId: "getIndexInfo",
    summary: "Dimensions, vectors and version",
    description: "The last mutation is the publication of the version that is served.",
    result: vectorizeInfo,
  },
  {
    path: `${INDEX_PATH}/list`,
    operationId: "listVectors",
    summary: "The ids of all classes, by pages",
    description: "A cursor holds for the version that gave it; once another one is served it is refused.",
    result: vectorizeIds,
    search: listSchema,
  },
  {
    path: `${INDEX_PATH}/metadata_index/list`,
    operationId: "listMetadataIndexes",
    summary: "No metadata index",
    description: "An index has none.",
    result: vectorizeMetadataIndexes,
  },
];

export function vectorizePaths(): object {
  return Object.fromEntries(
    OPERATIONS.map(({ path, ...operation }) => {
      const names = Array.from(path.matchAll(/:(\w+)/g), ([, name]) => name as string);
      const parameters = names.map(ignoredParameter);
      const method = operation.asked ? "post" : "get";
      return [
        path.replaceAll(/:(\w+)/g, "{$1}"),
        { ...(parameters.length > 0 && { parameters }), [method]: operationJson(operation) },
      ];
    }),
  );
}

export function vectorizeSchemas(): object {
  const schemas = OPERATIONS.filter(({ operationId }) => operationId !== "queryIndex").flatMap(
    ({ operationId, asked, result }) => [
      ...(asked ? [[`${componentOf(operationId)}Request`, requestJson(asked.schema)]] : []),
      [`${componentOf(operationId)}Answer`, answerJson(vectorizeAnswer(result))],
    ],
  );
  return Object.fromEntries(schemas);
}

/** Both paths of a query have its components. */
const componentNamed = (operationId: string): string => componentOf(operationId.replace("queryIndex", "query"));

function operationJson({ operationId, summary, description, asked, search }: Omit<VectorizeOperation, "path">): object {
  const component = componentNamed(operationId);
  const headers = headerRefs(["x-request-id", "x-index-version", ...(component === "Query" ? SCORED : [])]);
  const content = {
    schema: schemaRef(`${component}Answer`),
    ...(asked && { example: asked.example.answer }),
  };
  return {
    ...{ operationId, summary, description, tags: ["vectorize"], security: SECURITY },
    ...(search && { parameters: searchParameters(search) }),
    ...(asked && {
      requestBody: {
        required: true,
        description: `At most ${MAX_QUERY_BYTES} bytes.`,
        content: {
          "application/json": { schema: schemaRef(`${component}Request`), example: asked.example.request },
        },
      },
    }),
    responses: {
      200: { description: "In Vectorize's envelope.", headers, content: { "application/json": content } },
      ...errorResponses(statusesOf(asked, search), "VectorizeError"),
    },
  };
}

const SCORED = ["x-classes-scored"] as const;

const statusesOf = (asked: object | undefined, search: object | undefined): number[] =>
  asked ? BODY_STATUSES : search ? [400, ...GUARD_STATUSES] : GUARD_STATUSES;

const searchParameters = (schema: GenericSchema): object[] =>
  Object.entries(requestJson(schema).properties ?? {}).map(([name, field]) => {
    const { description, ...json } = Object(field);
    return { name, in: "query", description, schema: json };
  });

const ignoredParameter = (name: string): object => ({
  ...{ name, in: "path", required: true, schema: { type: "string" } },
  description: "Any: it is not looked at.",
});
