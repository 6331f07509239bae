import { PROBLEM_TYPE } from "../../../worker/contract/problem.ts";
import { REQUEST_ID_HEADER, requestIdOf } from "../../../worker/middleware/request-id.ts";

/** An error of a request: its stable code, HTTP status and title. */
export interface Fault {
  readonly code: string;
  readonly status: number;
  readonly title: string;
}

/**
 * Returns the answer to a refused request that the application does not see, in the format of the application's problems.
 */
export function refuse(
  request: Request,
  { code, status, title }: Fault,
  detail: string,
  headers: Record<string, string>,
): Response {
  const requestId = requestIdOf(request.headers.get(REQUEST_ID_HEADER));
  const problem = { type: `urn:midx:problem:${code}`, title, status, detail, code, requestId };
  return Response.json(problem, {
    status,
    headers: { ...headers, "content-type": PROBLEM_TYPE, [REQUEST_ID_HEADER]: requestId },
  });
}
