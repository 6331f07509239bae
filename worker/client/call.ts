// How clients ask: the address, the token, and what an answer or a refusal is.

export interface ClientOptions {
  /** A bearer token, where the service asks for one. */
  readonly token?: string;
  /** Sends the requests; by default the runtime's own `fetch`. In a Worker, a service binding's. */
  readonly fetch?: (request: Request) => Promise<Response>;
  /** Headers of every request. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** A refusal of the service, or an answer that is none of its own. */
export class MidxError extends Error {
  /** Bundles shorten the names of classes, and runtimes print that of an error's class. */
  static override readonly name = "MidxError";
  override readonly name = MidxError.name;
  /** The status of HTTP. */
  readonly status: number;
  /** The service's code, such as "invalid_field"; "unexpected_answer" for what something else has answered. */
  readonly code: string;
  readonly detail: string;
  /** The service's own records know the request by this id. */
  readonly requestId: string | undefined;
  /** Seconds to wait before the next try, where the service says. */
  readonly retryAfter: number | undefined;

  constructor({ status, headers }: Response, code: string, detail: string) {
    super(`${status} ${code}: ${detail}`);
    this.status = status;
    this.code = code;
    this.detail = detail;
    this.requestId = headers.get("x-request-id") ?? undefined;
    this.retryAfter = Number(headers.get("retry-after")) || undefined;
  }
}

export interface Reply<Body> {
  readonly body: Body;
  readonly headers: Headers;
}

/** Sends one request: a GET without a body, otherwise a POST of JSON or of raw vectors. */
export type Call = <Body>(
  target: string,
  body: string | Float32Array<ArrayBuffer> | null,
  signal?: AbortSignal | null,
) => Promise<Reply<Body>>;

const F32_TYPE = "application/x-midx-f32";
/** Characters of an answer that is not the service's which an error repeats. */
const MAX_ECHO = 200;

/** The address without slashes behind it. */
export const rootOf = (url: string | URL): string => String(url).replace(/(?<!\/)\/+$/, "");

export function callerOf({ token, fetch = globalThis.fetch, headers }: ClientOptions): Call {
  return async <Body>(
    target: string,
    body: string | Float32Array<ArrayBuffer> | null,
    signal: AbortSignal | null = null,
  ) => {
    const sent = new Headers(headers);
    if (token) sent.set("authorization", `Bearer ${token}`);
    if (body !== null) sent.set("content-type", typeof body === "string" ? "application/json" : F32_TYPE);
    const init = { method: body === null ? "GET" : "POST", headers: sent, body, signal };
    const response = await fetch(new Request(target, init));
    return { body: read(response, await response.text()) as Body, headers: response.headers };
  };
}

/** The JSON of an answer; throws the error that it is. */
function read(response: Response, text: string): unknown {
  const body = parsed(text);
  if (response.ok && body) return body;
  const { code, detail } = body?.errors ? ofEnvelope(body.errors) : (body ?? {});
  if (code && detail) throw new MidxError(response, code, detail);
  throw new MidxError(response, "unexpected_answer", `not from midx: ${text.slice(0, MAX_ECHO) || "nothing"}`);
}

/** A refusal, as far as it is there: problem+json, or Vectorize's envelope. */
interface Refusal {
  readonly code?: string | undefined;
  readonly detail?: string | undefined;
  readonly errors?: readonly { readonly message?: string }[];
}

function parsed(text: string): Refusal | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The detail, and behind it the code in brackets. */
function ofEnvelope([error]: NonNullable<Refusal["errors"]>): Refusal {
  const [, detail, code] = /^(.*) \((\w+)\)$/s.exec(error?.message ?? "") ?? [];
  return { code, detail };
}
