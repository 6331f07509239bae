import type { IndexInfo } from "../src/index.ts";

/** The answer of GET /v1/info: an IndexInfo as JSON, and the version if the server names its versions. */
export interface ServedInfo extends Omit<IndexInfo, "recallCurves"> {
  readonly version: string;
}

/** The answer of POST /v1/predict. Numbers that are not finite are null. */
export interface ServedPrediction {
  readonly ids: number[];
  readonly scores: number[];
  readonly probabilities: number[];
  readonly logPartition: number;
  readonly standardError: number | null;
  readonly effectiveSampleSize: number | null;
  readonly lowEss: boolean;
  readonly scored: number;
  /** How a flagged first estimate was made again. */
  readonly choice?: { readonly exact: boolean };
  readonly version: string;
  readonly requestId: string;
}

export interface PredictRequest {
  readonly vector: Float32Array;
  readonly k: number;
  readonly seed: number;
}

/** An error that the server answered, with its message. The code "unauthorized" means that it requires a token. */
export class ServerError extends Error {
  override readonly name = "ServerError";
  readonly status: number;
  readonly code: string;
  readonly requestId: string;

  constructor(response: Response, problem: Partial<Record<"code" | "detail" | "requestId", string>>) {
    super(problem.detail ?? response.statusText);
    this.status = response.status;
    this.code = problem.code ?? "no code";
    this.requestId = problem.requestId ?? response.headers.get("x-request-id") ?? "none";
  }
}

/** The server of this page. */
export class Server {
  private token: string | undefined;
  private clientKey = randomKey();

  /** Comes as another client. Until then all requests have one key, so that a canary answers all of them or none. */
  comeAnew(): void {
    this.clientKey = randomKey();
  }

  /** Sends the token with all further requests. It is kept nowhere else. */
  authorise(token: string): void {
    this.token = token;
  }

  get hasToken(): boolean {
    return this.token !== undefined;
  }

  async info(): Promise<ServedInfo> {
    const response = await this.request("/v1/info");
    const info = await jsonOf<Omit<ServedInfo, "memoryBytes" | "version"> & Partial<ServedInfo>>(response);
    return { memoryBytes: 0, ...info, version: versionOf(info, response) };
  }

  async predict({ vector, k, seed }: PredictRequest): Promise<ServedPrediction> {
    const response = await this.request("/v1/predict", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ vector: Array.from(vector), k, seed: String(seed) }),
    });
    const answer = await jsonOf<ServedPrediction & { contentId?: string }>(response);
    const requestId = answer.requestId ?? response.headers.get("x-request-id") ?? "none";
    return { ...answer, requestId, version: versionOf(answer, response) };
  }

  /** @throws ServerError for any status but 2xx */
  async request(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    headers.set("x-client-key", this.clientKey);
    if (this.token !== undefined) headers.set("authorization", `Bearer ${this.token}`);
    const response = await fetch(path, { ...init, headers });
    if (response.ok) return response;
    throw new ServerError(response, await response.json().catch(() => ({})));
  }
}

/** @throws Error that names the path, where the answer is no JSON: a login in front of the server answers with a page, and with 200 */
export async function jsonOf<Answer>(response: Response): Promise<Answer> {
  const text = await response.text();
  try {
    return JSON.parse(text) as Answer;
  } catch {
    const { pathname } = new URL(response.url);
    throw new Error(`${pathname} expected JSON from midx, got ${text.slice(0, 40) || "nothing"}`);
  }
}

/** Returns a key that a page at an address without TLS can make, too, where there is no randomUUID. */
const randomKey = (): string => crypto.getRandomValues(new Uint32Array(4)).join("-");

/** Returns the version of an answer. Default: the first 12 digits of the content id. */
function versionOf(answer: { version?: string; contentId?: string }, { headers }: Response): string {
  return answer.version ?? headers.get("x-index-version") ?? answer.contentId?.slice(0, 12) ?? "unknown";
}
