import type { Context } from "hono";
import type { Problem } from "../contract/problem.ts";

/** A result as Cloudflare's API answers it. */
export function envelope(c: Context, result: unknown): Response {
  return c.json({ result, success: true, errors: [], messages: [] });
}

/** An error in the same envelope: a Vectorize client finds it where it looks for one. */
export function envelopeOfProblem(c: Context, problem: Problem): Response {
  const errors = [{ code: problem.number, message: `${problem.message} (${problem.code})` }];
  return c.json({ result: null, success: false, errors, messages: [] }, problem.status);
}
