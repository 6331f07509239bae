import { logPartitionAnswer, predictAnswer } from "../contract/answers.ts";
import { PART_PROBLEMS } from "../contract/part-problems.ts";
import { PROBLEMS } from "../contract/problem.ts";
import {
  logPartitionOfAllAnswer,
  logPartitionOfSomeAnswer,
  partDescription,
  predictOfAllAnswer,
  predictOfSomeAnswer,
  routerInfoAnswer,
  vectorizeOfSomeResult,
} from "../contract/router-answers.ts";
import { vectorizeOfSomeSchema } from "../contract/router-requests.ts";
import {
  DEADLINE_HEADER,
  GENERATION_HEADER,
  MAX_DEADLINE_MS,
  MAX_MESSAGES_BYTES,
  MESSAGES_TYPE,
  PART_ENCODER_PATH,
  PART_PATH,
  PARTIAL_PATH,
  PARTS_HEADER,
} from "../parts/protocol.ts";
import { logPartitionOfSome, predictOfSome } from "../router/partial-endpoints.ts";
import { type DescribedEndpoint, type DescribedService, documentOf, ENDPOINTS, servicePaths } from "./document.ts";
import { errorResponses, headerRefs } from "./errors.ts";
import { BODY_STATUSES, GUARD_STATUSES, jsonContent, SECURITY } from "./operations.ts";

const DESCRIPTION =
  "A router answers as one index over parts of it, which it asks. Its routes and fields are those of openapi.json, and " +
  'beside them "partial", "coverage" and what routers ask each other. A part that does not answer is a 503 with the code ' +
  'part_missing, unless the request has "partial": "allow". features and bags get 400, because a router has no table of them.';

const PARTS = "What a router asks the hosts of parts, or another router for several. Only routers need it.";

/** No route that is described answers with a 404. */
const { not_found: _, ...described } = PROBLEMS;

/** The answers that these endpoints may give besides those of an index. */
export const OF_SOME: Readonly<Record<string, Pick<DescribedEndpoint, "schema" | "answers">>> = {
  predict: { ...predictOfSome, answers: [predictAnswer, predictOfAllAnswer, predictOfSomeAnswer] },
  logPartition: {
    ...logPartitionOfSome,
    answers: [logPartitionAnswer, logPartitionOfAllAnswer, logPartitionOfSomeAnswer],
  },
};

const header = (name: string, description: string, schema: object, required = true): object => ({
  name,
  in: "header",
  description,
  schema,
  required,
});

const ASKED = [
  header(GENERATION_HEADER, "The generation of the manifest.", { type: "string", pattern: "^[0-9a-f]{64}$" }),
  header(PARTS_HEADER, "The numbers of the parts that are asked, ascending and with commas.", { type: "string" }),
  header(
    DEADLINE_HEADER,
    "Milliseconds after which the router no longer waits.",
    { type: "integer", minimum: 1, maximum: MAX_DEADLINE_MS },
    false,
  ),
];

const messages = (description: string): object => ({
  description,
  content: {
    [MESSAGES_TYPE]: {
      schema: { type: "string", format: "binary", description: `${MAX_MESSAGES_BYTES} bytes at most.` },
    },
  },
});

const PART_PATHS = {
  [PARTIAL_PATH]: {
    post: {
      operationId: "partial",
      summary: "Partial answers",
      tags: ["parts"],
      security: SECURITY,
      description: "1 to 100 questions in the binary form of midx/parts, each behind its length, a little-endian u32.",
      parameters: ASKED,
      requestBody: { required: true, ...messages("The questions.") },
      responses: {
        200: { ...messages("One partial answer for each question."), headers: headerRefs(["x-request-id"]) },
        ...errorResponses([...BODY_STATUSES, 409]),
      },
    },
  },
  [PART_PATH]: {
    get: {
      operationId: "part",
      summary: "Facts about parts",
      tags: ["parts"],
      security: SECURITY,
      parameters: ASKED,
      responses: {
        200: {
          description: "The generation, the numbers and the facts.",
          headers: headerRefs(["x-request-id"]),
          content: jsonContent(partDescription),
        },
        ...errorResponses([400, 409, ...GUARD_STATUSES]),
      },
    },
  },
  [PART_ENCODER_PATH]: {
    get: {
      operationId: "partEncoder",
      summary: "The encoder of parts",
      tags: ["parts"],
      security: SECURITY,
      parameters: ASKED,
      responses: {
        200: {
          ...messages("The weights of the encoder without the vectors of items, or no bytes where there is none."),
          headers: headerRefs(["x-request-id"]),
        },
        ...errorResponses([400, 409, ...GUARD_STATUSES]),
      },
    },
  },
};

/** The service that router-openapi.json describes. */
export const ROUTER_SERVICE: DescribedService = {
  title: "midx router",
  description: DESCRIPTION,
  endpoints: ENDPOINTS.map((endpoint) => {
    const { schema, answers } = OF_SOME[endpoint.operationId] ?? endpoint;
    return { ...endpoint, schema, answers };
  }),
  vectorize: { schema: vectorizeOfSomeSchema, result: vectorizeOfSomeResult },
  problems: { ...described, ...PART_PROBLEMS },
  tags: [{ name: "parts", description: PARTS }],
  paths: { ...servicePaths(routerInfoAnswer), ...PART_PATHS },
};

/** The content of router-openapi.json for this version of the package, which describes a router. */
export const routerDocument = (version: string): object => documentOf(version, ROUTER_SERVICE);
