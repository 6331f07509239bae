import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";

/** The meaning of an error code. */
export interface ProblemKind {
  readonly status: ContentfulStatusCode;
  readonly title: string;
  /** The number of the error in Vectorize's envelope. */
  readonly number: number;
}

/** Kinds of problems by their codes. */
export type ProblemKinds = Readonly<Record<string, ProblemKind>>;

/** Every error code, which is stable, with its HTTP status, its title and its number in Vectorize's envelope. */
export const PROBLEMS = {
  invalid_json: { status: 400, title: "The body is not JSON", number: 40000 },
  invalid_field: { status: 400, title: "A field of the body is wrong", number: 40001 },
  too_much_work: { status: 400, title: "The request asks for too much work", number: 40002 },
  unauthorized: { status: 401, title: "The request has no known token", number: 40100 },
  not_found: { status: 404, title: "There is no such route", number: 40400 },
  method_not_allowed: { status: 405, title: "The route has no such method", number: 40500 },
  immutable: { status: 405, title: "The index is immutable", number: 40501 },
  body_too_slow: { status: 408, title: "The body arrived too slowly", number: 40800 },
  body_too_large: { status: 413, title: "The body is too large", number: 41300 },
  unsupported_media_type: { status: 415, title: "The body has the wrong content type", number: 41500 },
  rate_limited: { status: 429, title: "There are too many requests", number: 42900 },
  internal: { status: 500, title: "The Worker failed", number: 50000 },
  misconfigured: { status: 503, title: "The Worker is configured wrongly", number: 50300 },
  index_missing: { status: 503, title: "There is no index file", number: 50301 },
  index_invalid: { status: 503, title: "The index file is damaged or of another format", number: 50302 },
  index_too_large: { status: 503, title: "The index is too large", number: 50303 },
  index_unreadable: { status: 503, title: "The index file cannot be read", number: 50304 },
  swap_too_large: { status: 503, title: "The new index is too large beside the old one", number: 50305 },
  incompatible_version: { status: 503, title: "The new index would break clients of the old one", number: 50307 },
  overloaded: { status: 503, title: "The Worker is overloaded", number: 50306 },
} as const satisfies Record<string, ProblemKind>;

export type ProblemCode = keyof typeof PROBLEMS;

/** Ends a request with an error response. Its message names the fault and contains neither a vector nor a stack trace. */
export class Problem extends Error {
  override readonly name = "Problem";
  readonly code: ProblemCode;
  readonly status: ContentfulStatusCode;
  readonly title: string;
  /** The number that Vectorize's clients read in `errors[0].code`. */
  readonly number: number;

  constructor(code: ProblemCode, detail: string, { status, title, number }: ProblemKind = PROBLEMS[code]) {
    super(detail);
    this.code = code;
    this.status = status;
    this.title = title;
    this.number = number;
  }
}

/** Returns the same problem with its version, for a service in which two versions answer. */
export const ofVersion = ({ code, status, title, number, message }: Problem, version: string): Problem =>
  new Problem(code, `version ${version}: ${message}`, { status, title, number });

/** Writes an error as application/problem+json (RFC 9457). */
export function problemJson(c: Context, problem: Problem): Response {
  return c.json(problemFields(problem, c.get("requestId")), problem.status, { "content-type": PROBLEM_TYPE });
}

export const PROBLEM_TYPE = "application/problem+json";

function problemFields({ code, status, title, message: detail }: Problem, requestId: string): object {
  return { type: `urn:midx:problem:${code}`, title, status, detail, code, requestId };
}
