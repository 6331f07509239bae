import { problem } from "../contract/answers.ts";
import { PROBLEMS, type ProblemCode } from "../contract/problem.ts";
import { vectorizeError } from "../contract/vectorize-answers.ts";
import { answerJson } from "./schemas-json.ts";

// The error responses: one component for each status, as problem+json and in Vectorize's envelope.

/** All statuses of errors, in ascending order. */
const ERROR_STATUSES = [...new Set(Object.values(PROBLEMS).map(({ status }) => status))].sort();

type Shape = "Problem" | "VectorizeError";

/** The components of one shape, by the names that operations refer to. */
export function errorComponents(shape: Shape): { readonly schemas: object; readonly responses: object } {
  const statuses = ERROR_STATUSES.filter((status) => shape === "Problem" || status !== 404);
  const schemas = statuses.map((status) => [`${shape}${status}`, answerJson(schemaOf(shape, codesOf(status)))]);
  const responses = statuses.map((status) => [
    `${shape}${status}`,
    {
      description: codesOf(status)
        .map((code) => `${code}: ${PROBLEMS[code].title}.`)
        .join(" "),
      headers: headersOf(status),
      content: {
        [shape === "Problem" ? "application/problem+json" : "application/json"]: {
          schema: { $ref: `#/components/schemas/${shape}${status}` },
        },
      },
    },
  ]);
  return { schemas: Object.fromEntries(schemas), responses: Object.fromEntries(responses) };
}

/** References to the errors of an operation. */
export const errorResponses = (statuses: readonly number[], shape: Shape = "Problem"): object =>
  Object.fromEntries(statuses.map((status) => [status, { $ref: `#/components/responses/${shape}${status}` }]));

const schemaOf = (shape: Shape, codes: [ProblemCode, ...ProblemCode[]]) =>
  shape === "Problem" ? problem(codes) : vectorizeError(codes);

const codesOf = (status: number) =>
  (Object.keys(PROBLEMS) as ProblemCode[]).filter((code) => PROBLEMS[code].status === status) as [ProblemCode];

/** The headers of an error of this status. */
const headersOf = (status: number): object =>
  headerRefs(["x-request-id", ...(HEADERS_OF_STATUS[status as keyof typeof HEADERS_OF_STATUS] ?? [])]);

const HEADERS_OF_STATUS = {
  401: ["www-authenticate"],
  405: ["allow"],
  429: ["retry-after"],
  503: ["retry-after"],
} as const;

export type HeaderName = keyof typeof HEADERS;

export const headerRefs = (names: readonly HeaderName[]): object =>
  Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));

const header = (description: string, schema: object = { type: "string" }): object => ({
  description,
  required: true,
  schema,
});

export const HEADERS = {
  "x-request-id": header("The id of the request in logs and events: the one that the request gave, or a new one."),
  "x-index-version": header("The version of the index that answered."),
  "x-classes-scored": header("The number of rows that were read."),
  "retry-after": header("Seconds to wait before a retry.", { type: "integer", minimum: 1 }),
  "www-authenticate": header("The authorization scheme of the service.", { const: "Bearer" }),
  allow: header("The methods of the route."),
};
