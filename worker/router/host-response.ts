import { readAtMost } from "../../src/internal.ts";
import { Problem } from "../contract/problem.ts";
import type { CallProblem } from "../parts/part-calls.ts";
import { ChangesDiffer, PartFailure, PartsMissing, UnknownGeneration } from "../parts/part-failure.ts";
import { CHANGES_HEADER, MAX_PART_BYTES, PART_CHANGES_PATH, PART_LABELS_PATH, TAKES_NONE } from "../parts/protocol.ts";

/** The begin of a message about a field of the client's request: not about a header, or about bytes that the host cannot read. */
const OF_CLIENT = /^"(?!x-midx|[^"]*" of the message )/;

/** Returns the error of a response to a path: a wrong question is the client's own fault, everything else the host's. */
export async function failureOf(response: Response, path: string): Promise<Error> {
  const { status } = response;
  const text = new TextDecoder().decode(await readBytes(response, MAX_PART_BYTES));
  const { code, detail } = problemIn(text);
  if (status === 404 && code === "not_found" && (path === PART_CHANGES_PATH || path === PART_LABELS_PATH)) {
    return new PartFailure(`its host ${TAKES_NONE}`);
  }
  return failureBy({ status, code, detail, changes: response.headers.get(CHANGES_HEADER) ?? undefined });
}

/** Returns the error of a problem that a question may have. */
export function failureBy({ status, code, detail, changes }: CallProblem): Error {
  if (status === 409 && code === "changes_differ") return new ChangesDiffer(detail, changes);
  if (status === 409 && code === "unknown_generation") return new UnknownGeneration(detail);
  if (status === 400 && code === "invalid_field" && OF_CLIENT.test(detail)) return new Problem("invalid_field", detail);
  const Failure = status === 503 && code === "part_missing" ? PartsMissing : PartFailure;
  const remedy = status === 401 ? ": give this router the token of its host (--part-token-file)" : "";
  return new Failure(`it answered ${status}${code && ` ${code}`}${detail && `: ${detail}`}${remedy}`);
}

function problemIn(text: string): Pick<CallProblem, "code" | "detail"> {
  try {
    const { code = "", detail = "" } = JSON.parse(text);
    return { code: String(code).slice(0, 64), detail: String(detail).slice(0, 512) };
  } catch {
    return { code: "", detail: "" };
  }
}

/**
 * A body that says that it is short enough is read at once, without a stream, which costs more in workerd. The length of a
 * compressed one says nothing: fetch inflates it.
 */
export async function readBytes(response: Response, most: number): Promise<Uint8Array<ArrayBuffer>> {
  const { body, headers } = response;
  if (!body) return new Uint8Array();
  const isShort = !headers.has("content-encoding") && Number(headers.get("content-length") ?? Number.NaN) <= most;
  const bytes = isShort ? new Uint8Array(await response.arrayBuffer()) : await readAtMost(body, most);
  if (bytes.byteLength > most) throw new PartFailure(`its answer has more than ${most} bytes`);
  return bytes;
}
