import { problem } from "../contract/answers.ts";
import { PROBLEMS, type ProblemKinds } from "../contract/problem.ts";
import { vectorizeError } from "../contract/vectorize-answers.ts";
import { answerJson } from "./schemas-json.ts";

// The error responses: one component for each status, as problem+json and in Vectorize's envelope.

type Shape = "Problem" | "VectorizeError";

/** The components of one shape, by the names that operations refer to. */
export function errorComponents(
  shape: Shape,
  kinds: ProblemKinds = PROBLEMS,
): { readonly schemas: object; readonly responses: object } {
  const all = [...new Set(Object.values(kinds).map(({ status }) => status as number))].sort();
  const statuses = all.filter((status) => shape === "Problem" || !NOT_IN_ENVELOPE.includes(status));
  const schemas = statuses.map((status) => [`${shape}${status}`, answerJson(schemaOf(shape, ofStatus(kinds, status)))]);
  const responses = statuses.map((status) => [
    `${shape}${status}`,
    {
      description: Object.entries(ofStatus(kinds, status))
        .map(([code, { title }]) => `${code}: ${title}.`)
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

/** No route of Vectorize answers with these. */
const NOT_IN_ENVELOPE: readonly number[] = [404, 409];

/** References to the errors of an operation. */
export const errorResponses = (statuses: readonly number[], shape: Shape = "Problem"): object =>
  Object.fromEntries(statuses.map((status) => [status, { $ref: `#/components/responses/${shape}${status}` }]));

const schemaOf = (shape: Shape, kinds: ProblemKinds) => (shape === "Problem" ? problem(kinds) : vectorizeError(kinds));

const ofStatus = (kinds: ProblemKinds, status: number): ProblemKinds =>
  Object.fromEntries(Object.entries(kinds).filter(([, kind]) => kind.status === status));

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
