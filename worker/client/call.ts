// Sends requests for the clients, with address and token, and tells answers from errors.
import { json } from "./request-of.ts";

/** Options of `createClient` and `createVectorizeBinding`. */
export interface ClientOptions {
  /** The bearer token of a service that is configured with tokens. Default none. */
  readonly token?: string;
  /**
   * Sends the requests. The default is the runtime's own `fetch`. A Worker can give that of a service binding, as
   * `(request) => env.WORDS.fetch(request)`; the method alone refuses to be called.
   */
  readonly fetch?: (request: Request) => Promise<Response>;
  /** Further headers of every request. Default none. */
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * An error response of the service, or a response that does not come from a midx service.
 *
 * @example
 * try {
 *   await midx.predict(query, { k: 10 });
 * } catch (error) {
 *   if (!(error instanceof MidxError)) throw error;
 *   console.log(error.code, error.detail, error.retryAfter);
 * }
 */
export class MidxError extends Error {
  /** Minified bundles shorten class names, and runtimes print the name of an error's class. */
  static override readonly name = "MidxError";
  /** "MidxError". */
  override readonly name = MidxError.name;
  /** The HTTP status. */
  readonly status: number;
  /** The service's stable code, such as "invalid_field", or "unexpected_answer" if the response is not from midx. */
  readonly code: string;
  /** The fault in words: the field, the expected value and the given one. */
  readonly detail: string;
  /** The id of the request in the service's logs and events. */
  readonly requestId: string | undefined;
  /** Seconds to wait before a retry, if the service gives them (429 and 503). */
  readonly retryAfter: number | undefined;

  /**
   * Only the client makes these errors.
   *
   * @param response the response
   * @param code the service's code
   * @param detail the fault in words
   */
  constructor({ status, headers }: Response, code: string, detail: string) {
    super(`${status} ${code}: ${detail}`);
    this.status = status;
    this.code = code;
    this.detail = detail;
    this.requestId = headers.get("x-request-id") ?? undefined;
    this.retryAfter = Number(headers.get("retry-after")) || undefined;
  }
}

/** The field that every answer of a route has, by which it is told from what another server answers. */
type Mark = "version" | "result" | "mutationId";

/** The options of a call that are no fields of its body. */
interface SendOptions {
  readonly signal?: AbortSignal;
  readonly idempotencyKey?: string;
}

/**
 * Sends one request to a path of the service: a GET if the body is null, otherwise a POST of JSON or of raw vectors. Returns the
 * answer, which has the field `mark`, and of an envelope with a result also the `headers`. Rejects with a TypeError for options
 * that are no object.
 */
type Call = <Answer>(
  path: string,
  body: string | Float32Array<ArrayBuffer> | null,
  options?: SendOptions,
  mark?: Mark,
  type?: string,
) => Promise<Answer>;

const F32_TYPE = "application/x-midx-f32";
/** Most characters of an unexpected response that an error repeats. */
const MAX_ECHO = 200;

/**
 * The address without trailing slashes. Throws a RangeError for one that no path can follow, or without a scheme, and for an
 * environment variable that is not set.
 */
function rootOf(url: string | URL): string {
  const text = `${url}`;
  if (!/[?#]|^[\w.-]+:\d|^(undefined|null)$/.test(text)) return text.replace(/(?<!\/)\/+$/, "");
  throw new RangeError(`"url" expected an address such as "http://localhost:8787", got ${json(url)}`);
}

/** The requests under way. Node ends a request by its signal only as long as something refers to the request. */
const underWay = new Set<Request>();

export function callerOf(url: string | URL, options: ClientOptions = {}): Call {
  const root = rootOf(url);
  checkOptions(options, "token, fetch or headers");
  const { token, fetch: send = fetch, headers } = options;
  return async <Answer>(
    path: string,
    body: string | Float32Array<ArrayBuffer> | null,
    options: SendOptions = {},
    mark: Mark = "version",
    type = typeof body === "string" ? "application/json" : F32_TYPE,
  ) => {
    const { signal = null, idempotencyKey } = checkObject(options);
    const sent = new Headers(headers);
    if (token) sent.set("authorization", `Bearer ${token}`);
    if (body !== null) sent.set("content-type", type);
    if (idempotencyKey !== undefined) sent.set("idempotency-key", idempotencyKey);
    const request = new Request(root + path, { method: body === null ? "GET" : "POST", headers: sent, body, signal });
    underWay.add(request);
    try {
      const response = await send(request);
      const answer = read(response, await response.text(), mark, path);
      return Object.assign(answer, mark === "result" && { headers: response.headers }) as Answer;
    } finally {
      underWay.delete(request);
    }
  };
}

/**
 * Throws a TypeError that names an option which is not among the `expected` ones, or null, and does not repeat its value: it may be
 * a token.
 */
export function checkOptions(options: object, expected: string): void {
  for (const [name, value] of Object.entries(checkObject(options))) {
    if (value !== null && expected.split(/, | or /).includes(name)) continue;
    throw new TypeError(`options expected ${expected}, got "${name}": ${value && typeof value}`);
  }
}

function checkObject<T>(options: T): T {
  const isMap = options instanceof Map; // it has entries and no properties, so its options would be none
  if (Object(options) === options && !isMap) return options;
  throw new TypeError(
    `"options" expected an object, got ${isMap ? "Map: pass what it holds" : options && typeof options}`,
  );
}

/**
 * Parses a response. Throws a MidxError for an error response, and for an answer of another server. After a redirect it names the
 * address that answered: a POST that was redirected by 301 or 302 has become a GET, so that no other error would say what is wrong.
 */
function read(response: Response, text: string, mark: Mark, path: string): AnyBody {
  const body = parsed(text);
  if (response.ok && body && (body[mark] ?? null) !== null) return body;
  const { code, detail } = (Array.isArray(body?.errors) ? ofEnvelope(body.errors) : body) ?? {};
  const isElsewhere = response.redirected && response.url.includes(path);
  const remedy = isElsewhere ? ` (redirected: give the client ${response.url.replace(path, "")})` : "";
  if (typeof code === "string" && typeof detail === "string") throw new MidxError(response, code, detail + remedy);
  throw new MidxError(response, "unexpected_answer", `not from midx: ${text.slice(0, MAX_ECHO) || "nothing"}${remedy}`);
}

/** The fields that the client reads of a body that may come from anybody: an answer, problem+json, or Vectorize's envelope. */
type AnyBody = Readonly<Partial<Record<Mark | "code" | "detail" | "errors", unknown>>>;

function parsed(text: string): AnyBody | null | undefined {
  try {
    return JSON.parse(text);
  } catch {
    // It comes from another server.
  }
}

/** Splits a message of Vectorize's envelope into the detail and the code, which follows in brackets. */
function ofEnvelope([error]: readonly ({ readonly message?: unknown } | null)[]): AnyBody {
  const [, detail, code] = /^(.*) \((\w+)\)$/s.exec(String(error?.message)) ?? [];
  return { code, detail };
}
