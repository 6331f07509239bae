import * as v from "valibot";
import {
  type AnswerSchema,
  batchAnswerOf,
  decodeAnswer,
  drawsAnswer,
  exactDrawsAnswer,
  healthAnswer,
  infoAnswer,
  logPartitionAnswer,
  logProbabilityAnswer,
  predictAnswer,
  readyAnswer,
  sampleTopKAnswer,
  singleAnswerOf,
  slateLogProbabilityAnswer,
} from "../contract/answers.ts";
import { PROBLEMS, type ProblemKinds } from "../contract/problem.ts";
import {
  decode,
  logPartition,
  logProbability,
  predict,
  sample,
  sampleTopK,
  slateLogProbability,
} from "../endpoints/index.ts";
import { errorComponents, HEADERS } from "./errors.ts";
import { EXAMPLES } from "./examples.ts";
import { componentOf, type EndpointOperation, endpointOperation, jsonContent, readOperation } from "./operations.ts";
import { answerJson, requestJson } from "./schemas-json.ts";
import { withStatuses } from "./statuses.ts";
import { type VectorizeSchemas, vectorizePaths, vectorizeSchemas } from "./vectorize.ts";

const DESCRIPTION =
  "Sampled softmax over many classes, with an index of an output layer or an embedding table. Numbers that JSON lacks, such " +
  "as log Z where no class takes part, are null. Errors are problem+json (RFC 9457) with a stable code. Errors of /v1/query " +
  "and of every path below /client use Vectorize's envelope, with the same code in the message.";

const VECTORIZE =
  "The part of Cloudflare Vectorize's REST API (v2) that a service answers. Requests that would change the index itself " +
  "(metadata_index/create and delete, creating or deleting an index) get 405 with the code immutable, and so do insert, upsert " +
  "and delete_by_ids where classes do not change. Metadata are the values in the columns of the index, and all columns are indexed.";

/** An endpoint with the schemas of its answers to one query. */
export interface DescribedEndpoint extends Omit<EndpointOperation, "component" | "example"> {
  readonly operationId: keyof typeof EXAMPLES;
  readonly path: string;
  readonly answers: readonly AnswerSchema[];
}

export const ENDPOINTS: readonly DescribedEndpoint[] = [
  {
    operationId: "predict",
    ...predict,
    answers: [predictAnswer],
    summary: "The k most probable classes",
    description: "The probabilities come from an estimate of the log-partition, given with its standard error.",
  },
  {
    operationId: "sample",
    ...sample,
    answers: [drawsAnswer, exactDrawsAnswer],
    summary: "Independent draws",
    description: "Each draw has its exact logit and, unless exact is true, the log-probability that it was drawn with.",
  },
  {
    operationId: "sampleTopK",
    ...sampleTopK,
    answers: [sampleTopKAnswer],
    summary: "k distinct classes, drawn at random",
    description: "The draws are without replacement (Gumbel-top-k) and have weights for sums over all classes.",
  },
  {
    operationId: "logPartition",
    ...logPartition,
    answers: [logPartitionAnswer],
    summary: "The log-partition",
    description: "The estimate has a standard error, and bounds that certainly hold.",
  },
  {
    operationId: "logProbability",
    ...logProbability,
    answers: [logProbabilityAnswer],
    summary: "Log-probabilities of given classes",
    description: "They come from an estimate of the log-partition. A class that takes no part has null.",
  },
  {
    operationId: "decode",
    ...decode,
    answers: [decodeAnswer],
    summary: "The next class, as decoders of language models draw it",
    description:
      "It is drawn from the softmax at a temperature, truncated by top_k, top_p and min_p. Fields have the names of OpenAI and vLLM; those of other decoders that are not supported are refused by name.",
  },
  {
    operationId: "slateLogProbability",
    ...slateLogProbability,
    answers: [slateLogProbabilityAnswer],
    summary: "The log-probability of a slate",
    description:
      "The classes are drawn in their order, each from those that are left: from the proposal or, if exact is true, from the softmax itself. They must differ.",
  },
];

/** The service that a document describes. */
export interface DescribedService {
  readonly title: string;
  readonly description: string;
  readonly endpoints: readonly DescribedEndpoint[];
  readonly vectorize?: VectorizeSchemas;
  readonly problems: ProblemKinds;
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  /** The paths beside those of the endpoints and of Vectorize. */
  readonly paths: object;
  /** The statuses of errors of every request that needs the index, beside those of every service. */
  readonly moreStatuses?: readonly number[];
}

const TAGS = [
  { name: "softmax", description: "The methods of the library." },
  { name: "vectorize", description: VECTORIZE },
  { name: "service", description: "The index that is served, health and metrics." },
];

/** The content of openapi.json for this version of the package. */
export const openApiDocument = (version: string): object =>
  documentOf(version, {
    title: "midx",
    description: DESCRIPTION,
    endpoints: ENDPOINTS,
    problems: PROBLEMS,
    tags: [],
    paths: { ...servicePaths(infoAnswer), ...openApiPath },
  });

/** Describes a service in OpenAPI 3.1. */
export function documentOf(version: string, service: DescribedService): object {
  const { title, description, endpoints, vectorize, paths } = service;
  const problems = errorComponents("Problem", service.problems);
  const envelopes = errorComponents("VectorizeError", service.problems);
  return {
    openapi: "3.1.0",
    info: { title, version, description, license: { name: "MIT", identifier: "MIT" } },
    servers: [{ url: "/", description: "The service that sends this document." }],
    tags: [...TAGS, ...service.tags],
    paths: withStatuses({ ...endpointPaths(endpoints), ...vectorizePaths(vectorize), ...paths }, service.moreStatuses),
    components: {
      schemas: {
        ...endpointSchemas(endpoints),
        ...vectorizeSchemas(vectorize),
        ...problems.schemas,
        ...envelopes.schemas,
      },
      responses: { ...problems.responses, ...envelopes.responses },
      headers: HEADERS,
      securitySchemes: {
        bearer: {
          type: "http",
          scheme: "bearer",
          description: "A bearer token, if the service is configured with tokens.",
        },
      },
    },
  };
}

function endpointPaths(endpoints: readonly DescribedEndpoint[]): object {
  const paths = endpoints.map(({ path, ...endpoint }) => {
    const { operationId } = endpoint;
    const names = { component: componentOf(operationId), example: EXAMPLES[operationId] };
    return [path, endpointOperation({ ...endpoint, ...names })];
  });
  return Object.fromEntries(paths);
}

function endpointSchemas(endpoints: readonly DescribedEndpoint[]): object {
  const schemas = endpoints.flatMap(({ operationId, schema, answers }) => {
    const component = componentOf(operationId);
    return [
      [`${component}Request`, requestJson(schema)],
      [`${component}Answer`, answerJson(anyOf(answers.map(singleAnswerOf)))],
      [`${component}Answers`, answerJson(anyOf(answers.map(batchAnswerOf)))],
    ];
  });
  return Object.fromEntries(schemas);
}

const anyOf = (schemas: readonly v.GenericSchema[]): v.GenericSchema =>
  schemas.length === 1 ? (schemas[0] as v.GenericSchema) : v.union([...schemas]);

/** The paths of every service, with the schema of the answer of /v1/info. */
export const servicePaths = (info: v.GenericSchema): object => ({
  "/v1/info": readOperation({
    operationId: "info",
    summary: "The index that is served",
    answers: "The version of the index, and facts about it.",
    content: jsonContent(info),
    access: "guarded",
    headers: ["x-request-id", "x-index-version"],
  }),
  "/healthz": readOperation({
    operationId: "health",
    summary: "Liveness",
    answers: "The isolate runs.",
    content: jsonContent(healthAnswer),
    access: "open",
    headers: ["x-request-id"],
  }),
  "/readyz": readOperation({
    operationId: "ready",
    summary: "Readiness",
    answers: "The isolate has an index. It may have loaded it for this request.",
    content: jsonContent(readyAnswer),
    access: "open",
    headers: ["x-request-id"],
  }),
  "/v1/audits": readOperation({
    operationId: "audits",
    summary: "The last audits of this isolate",
    answers: "JSON lines, oldest first, for midx calibrate --audits. None if nothing is audited.",
    content: { "application/jsonl": { schema: { type: "string" } } },
    access: "guarded",
    headers: ["x-request-id"],
  }),
  "/metrics": readOperation({
    operationId: "metrics",
    summary: "Metrics of this isolate",
    answers: "Metrics in Prometheus' text format.",
    content: { "text/plain": { schema: { type: "string" } } },
    access: "guarded",
    headers: ["x-request-id"],
  }),
});

/** The path of the document of a Worker, which is a file among its assets. */
export const openApiPath = {
  "/openapi.json": readOperation({
    operationId: "openapi",
    summary: "This document",
    answers: "OpenAPI 3.1.",
    content: { "application/json": { schema: { type: "object" } } },
    access: "asset",
    headers: ["x-request-id"],
  }),
};
