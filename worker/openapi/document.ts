import * as v from "valibot";
import {
  type AnswerSchema,
  drawsAnswer,
  exactDrawsAnswer,
  healthAnswer,
  infoAnswer,
  logprobAnswer,
  logzAnswer,
  predictAnswer,
  readyAnswer,
  sampleTopAnswer,
  severalOf,
  singleOf,
} from "../contract/answers.ts";
import { logprob, logz, predict, sample, sampleTop } from "../endpoints/index.ts";
import { errorComponents, HEADERS } from "./errors.ts";
import { EXAMPLES } from "./examples.ts";
import { componentOf, jsonContent, questionOperation, readOperation } from "./operations.ts";
import { answerJson, requestJson } from "./schemas-json.ts";
import { vectorizePaths, vectorizeSchemas } from "./vectorize.ts";

const DESCRIPTION =
  "Sampled softmax over many classes, with an index of an output layer or an embedding table. A number that JSON has not, " +
  "such as log Z where no class takes part, is null. Errors are problem+json (RFC 9457) with a stable code. Those of " +
  "/v1/query and of everything under /client are in Vectorize's envelope, with the same code in the message.";

const VECTORIZE =
  "What Cloudflare Vectorize's REST API (v2) answers and an index that is not changed in place can answer. Requests that " +
  "would change it (insert, upsert, delete_by_ids, metadata_index/create and delete, to create or delete an index) are " +
  "refused with 405 and the code immutable; filters and namespaces with 400.";

/** The questions, and what each answers to one query. */
const QUESTIONS = [
  {
    operationId: "predict",
    ...predict,
    answers: [predictAnswer],
    summary: "The k most probable classes",
    description: "With probabilities, from an estimate of the log-partition with its standard error.",
  },
  {
    operationId: "sample",
    ...sample,
    answers: [drawsAnswer, exactDrawsAnswer],
    summary: "Independent draws",
    description: "Each with its exact logit and, but for exact ones, the log-probability that it was drawn with.",
  },
  {
    operationId: "sampleTop",
    ...sampleTop,
    answers: [sampleTopAnswer],
    summary: "k distinct classes",
    description: "Drawn without replacement (Gumbel-top-k), with weights for sums over all classes.",
  },
  {
    operationId: "logz",
    ...logz,
    answers: [logzAnswer],
    summary: "The log-partition",
    description: "Estimated, with its standard error, and what it certainly lies between.",
  },
  {
    operationId: "logprob",
    ...logprob,
    answers: [logprobAnswer],
    summary: "Log-probabilities of given classes",
    description: "From an estimate of the log-partition; null for a class that takes no part.",
  },
] as const;

/** The content of openapi.json for this version of the package: OpenAPI 3.1. */
export function openApiDocument(version: string): object {
  const problems = errorComponents("Problem");
  const envelopes = errorComponents("VectorizeError");
  return {
    openapi: "3.1.0",
    info: { title: "midx", version, description: DESCRIPTION, license: { name: "MIT", identifier: "MIT" } },
    servers: [{ url: "/", description: "The service that gives this document." }],
    tags: [
      { name: "questions", description: "What the library answers." },
      { name: "vectorize", description: VECTORIZE },
      { name: "service", description: "What is served, and how it is." },
    ],
    paths: { ...questionPaths(), ...vectorizePaths(), ...servicePaths() },
    components: {
      schemas: { ...questionSchemas(), ...vectorizeSchemas(), ...problems.schemas, ...envelopes.schemas },
      responses: { ...problems.responses, ...envelopes.responses },
      headers: HEADERS,
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer", description: "A token, where the service is set up to ask for one." },
      },
    },
  };
}

const questionPaths = (): object =>
  Object.fromEntries(
    QUESTIONS.map(({ path, operationId, ...question }) => [
      path,
      questionOperation({ operationId, ...question, example: EXAMPLES[operationId] }),
    ]),
  );

function questionSchemas(): object {
  const schemas = QUESTIONS.flatMap(({ operationId, schema, answers }) => {
    const component = componentOf(operationId);
    const each: readonly AnswerSchema[] = answers;
    return [
      [`${component}Request`, requestJson(schema)],
      [`${component}Answer`, answerJson(anyOf(each.map(singleOf)))],
      [`${component}Answers`, answerJson(anyOf(each.map(severalOf)))],
    ];
  });
  return Object.fromEntries(schemas);
}

const anyOf = (schemas: readonly v.GenericSchema[]): v.GenericSchema =>
  schemas.length === 1 ? (schemas[0] as v.GenericSchema) : v.union([...schemas]);

const servicePaths = (): object => ({
  "/v1/info": readOperation({
    operationId: "info",
    summary: "Which index is served",
    answers: "Its version and facts.",
    content: jsonContent(infoAnswer),
    access: "guarded",
    headers: ["x-request-id", "x-index-version"],
  }),
  "/healthz": readOperation({
    operationId: "health",
    summary: "Whether the isolate runs",
    answers: "It does.",
    content: jsonContent(healthAnswer),
    access: "open",
    headers: ["x-request-id"],
  }),
  "/readyz": readOperation({
    operationId: "ready",
    summary: "Whether there is an index",
    answers: "There is, or it has been loaded now.",
    content: jsonContent(readyAnswer),
    access: "open",
    headers: ["x-request-id"],
  }),
  "/metrics": readOperation({
    operationId: "metrics",
    summary: "What this isolate has seen",
    answers: "Metrics in Prometheus' text format.",
    content: { "text/plain": { schema: { type: "string" } } },
    access: "guarded",
    headers: ["x-request-id"],
  }),
  "/openapi.json": readOperation({
    operationId: "openapi",
    summary: "This document",
    answers: "OpenAPI 3.1.",
    content: { "application/json": { schema: { type: "object" } } },
    access: "asset",
    headers: ["x-request-id"],
  }),
});
