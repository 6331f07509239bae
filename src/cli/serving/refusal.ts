import { PROBLEM_TYPE } from "../../../worker/contract/problem.ts";

/** A fault of a request: its stable code, the HTTP status and the title. */
export interface Fault {
  readonly code: string;
  readonly status: number;
  readonly title: string;
}

/** The answer to a request that the application does not see, in the form of the application's own problems. */
export function refuse({ code, status, title }: Fault, detail: string, headers: Record<string, string>): Response {
  const requestId = crypto.randomUUID();
  const problem = { type: `urn:midx:problem:${code}`, title, status, detail, code, requestId };
  return Response.json(problem, {
    status,
    headers: { ...headers, "content-type": PROBLEM_TYPE, "x-request-id": requestId },
  });
}
