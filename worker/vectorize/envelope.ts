import type { Context } from "hono";
import type { Problem } from "../contract/problem.ts";
import { REQUEST_ID_HEADER } from "../middleware/request-id.ts";

/** Writes a result in the envelope of Cloudflare's API. */
export function envelope(c: Context, result: unknown): Response {
  c.header(REQUEST_ID_HEADER, c.get("requestId"));
  return c.json({ result, success: true, errors: [], messages: [] });
}

/** Writes an error in the same envelope, where Vectorize's clients expect it. */
export function envelopeOfProblem(c: Context, problem: Problem): Response {
  const errors = [{ code: problem.number, message: `${problem.message} (${problem.code})` }];
  return c.json({ result: null, success: false, errors, messages: [] }, problem.status);
}
