import { problem } from "../contract/answers.ts";
import { PROBLEMS, type ProblemCode } from "../contract/problem.ts";
import { vectorizeError } from "../contract/vectorize-answers.ts";
import { answerJson } from "./schemas-json.ts";

// How requests are refused: one component a status, as problem+json and in Vectorize's envelope.

/** Statuses of errors, in order. */
const ERROR_STATUSES = [...new Set(Object.values(PROBLEMS).map(({ status }) => status))].sort();

type Shape = "Problem" | "VectorizeError";

/** The components of one shape that operations refer to, by name. */
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

/** The errors of an operation, by reference. */
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
  "x-request-id": header("Id of the request, where it has one, or a new one: what logs and events know it by."),
  "x-index-version": header("Version of the index that answered."),
  "x-classes-scored": header("Rows read for the answer."),
  "retry-after": header("Seconds until another try makes sense.", { type: "integer", minimum: 1 }),
  "www-authenticate": header("What authorization the service takes.", { const: "Bearer" }),
  allow: header("The methods that the route has."),
};
