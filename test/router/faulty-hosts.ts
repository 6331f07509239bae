import type { PartHost } from "../../worker/router/part-hosts.ts";

/** A host that a test can make fail in one of the ways that hosts do. */
export class FaultyHost implements PartHost {
  /** The number of requests. */
  requests = 0;
  /** Undefined: it answers as the host behind it. */
  fault: ((request: Request, behind: PartHost) => Promise<Response>) | undefined;
  readonly #behind: PartHost;

  constructor(behind: PartHost) {
    this.#behind = behind;
  }

  async fetch(request: Request): Promise<Response> {
    this.requests++;
    return this.fault ? this.fault(request, this.#behind) : this.#behind.fetch(request);
  }
}

/** The process is gone. */
export const killed = async (): Promise<Response> => {
  throw new TypeError("connection refused");
};

/** It never answers, and notices when nobody waits any more. */
export const silent = ({ signal }: Request): Promise<Response> =>
  new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));

/** Something on the way changes the answer. */
export const damaged =
  (change: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>) =>
  async (request: Request, behind: PartHost): Promise<Response> => {
    const response = await behind.fetch(request);
    if (request.method === "GET") return response;
    return new Response(change(new Uint8Array(await response.arrayBuffer())), response);
  };

/** Its midx reads messages of another version only. */
export const ofOtherMessages = async (request: Request, behind: PartHost): Promise<Response> => {
  if (request.method === "GET") return behind.fetch(request);
  const bytes = new Uint8Array(await request.arrayBuffer());
  const VERSION_AT = 8; // behind the length and the four letters
  bytes[VERSION_AT] = (bytes[VERSION_AT] as number) + 1;
  return behind.fetch(new Request(request, { body: bytes }));
};

/** It leads elsewhere. */
export const moved = async (): Promise<Response> =>
  new Response(null, { status: 302, headers: { location: "https://elsewhere.example/" } });

/** Its address leads to a page, as that of a proxy or of another service. */
export const paged = async (): Promise<Response> =>
  new Response("<!doctype html><title>Welcome</title>", { headers: { "content-type": "text/html; charset=utf-8" } });

/** A part asks for a token that the router does not have. */
export const refused = async (): Promise<Response> =>
  Response.json(
    { code: "unauthorized", detail: "authorization expected a known bearer token, got none" },
    { status: 401 },
  );

/** It says something else about itself. */
export const describing =
  (change: (description: Record<string, unknown>) => unknown) =>
  async (request: Request, behind: PartHost): Promise<Response> => {
    const response = await behind.fetch(request);
    return request.method === "GET" ? Response.json(change(await response.json())) : response;
  };
