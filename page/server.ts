import type { IndexInfo } from "../src/index.ts";

/** GET /v1/info answers with JSON of an IndexInfo, and the version where the server names its versions. */
export interface ServedInfo extends Omit<IndexInfo, "recallCurves"> {
  readonly version: string;
}

/** An answer of POST /v1/predict; a number that is not finite is null. */
export interface ServedPrediction {
  readonly ids: number[];
  readonly scores: number[];
  readonly probabilities: number[];
  readonly logPartition: number;
  readonly standardError: number | null;
  readonly effectiveSampleSize: number | null;
  readonly lowEss: boolean;
  readonly scored: number;
  readonly version: string;
  readonly requestId: string;
}

export interface PredictRequest {
  readonly vector: Float32Array;
  readonly k: number;
  readonly seed: number;
}

/** An answer that is an error; the message is the server's. Code "unauthorized": it wants a token. */
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

/** The server that this page comes from. */
export class Server {
  private token: string | undefined;

  /** Sent with all requests from now on, and kept nowhere else. */
  authorise(token: string): void {
    this.token = token;
  }

  async info(): Promise<ServedInfo> {
    const response = await this.request("/v1/info");
    const info = (await response.json()) as Omit<ServedInfo, "memoryBytes" | "version"> & Partial<ServedInfo>;
    return { memoryBytes: 0, ...info, version: versionOf(info, response) };
  }

  async predict({ vector, k, seed }: PredictRequest): Promise<ServedPrediction> {
    const response = await this.request("/v1/predict", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ vector: Array.from(vector), k, seed: String(seed) }),
    });
    const answer = (await response.json()) as ServedPrediction & { contentId?: string };
    const requestId = answer.requestId ?? response.headers.get("x-request-id") ?? "none";
    return { ...answer, requestId, version: versionOf(answer, response) };
  }

  /** @throws ServerError for any status but 2xx */
  async request(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    if (this.token !== undefined) headers.set("authorization", `Bearer ${this.token}`);
    const response = await fetch(path, { ...init, headers });
    if (response.ok) return response;
    throw new ServerError(response, await response.json().catch(() => ({})));
  }
}

/** Where no version is named, the one that a file has by itself: 12 digits of its content id. */
function versionOf(answer: { version?: string; contentId?: string }, { headers }: Response): string {
  return answer.version ?? headers.get("x-index-version") ?? answer.contentId?.slice(0, 12) ?? "unknown";
}
