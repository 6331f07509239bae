import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

/** What goes wrong with a response. */
export type Fault =
  | { readonly status: number; readonly headers?: Record<string, string> }
  /** The connection ends after so many bytes of the body. */
  | { readonly cutAt: number }
  /** The body ends after so many bytes, as if it were complete, because its length is not stated. */
  | { readonly endsAt: number }
  | "ignores ranges"
  | "never answers"
  | { readonly headers: Record<string, string> };

export interface FileServer {
  readonly url: string;
  readonly files: Map<string, Buffer>;
  /** The path and the range of each request. */
  readonly requests: { readonly path: string; readonly range: string }[];
  /** Returns what goes wrong with a request, counted from 0. */
  fault: (path: string, count: number) => Fault | undefined;
}

/** Serves files by ranges, with ETags and conditions, and with the faults that a test asks for. It ends with the test. */
export async function startFiles(files: Readonly<Record<string, Uint8Array>>): Promise<FileServer> {
  const requests: FileServer["requests"] = [];
  const http = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? "", "http://localhost").pathname);
    requests.push({ path, range: request.headers.range ?? "" });
    answer(server.files.get(path), request, response, server.fault(path, requests.length - 1));
  });
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  onTestFinished(() => {
    http.close();
    http.closeAllConnections();
  });
  const held = Object.entries(files).map(([name, bytes]) => [`/${name}`, bufferOf(bytes)] as const);
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const server: FileServer = { url, files: new Map(held), requests, fault: () => undefined };
  return server;
}

/** The bytes of an array, which no test changes in place. A buffer that several servers have is hashed once. */
const bufferOf = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

const etags = new WeakMap<Buffer, string>();

function etagOf(bytes: Buffer): string {
  const etag = etags.get(bytes) ?? `"${createHash("md5").update(bytes).digest("hex")}"`;
  etags.set(bytes, etag);
  return etag;
}

function answer(
  bytes: Buffer | undefined,
  { headers }: IncomingMessage,
  response: ServerResponse,
  fault: Fault | undefined,
): void {
  if (fault === "never answers") return;
  if (typeof fault === "object" && "status" in fault) {
    response.writeHead(fault.status, fault.headers).end();
    return;
  }
  if (bytes === undefined) {
    response.writeHead(404).end();
    return;
  }
  const etag = etagOf(bytes);
  if (headers["if-match"] !== undefined && headers["if-match"] !== etag) {
    response.writeHead(412).end();
    return;
  }
  if (fault === "ignores ranges") {
    response.writeHead(200, { etag }).end(bytes);
    return;
  }
  const [, from = 0, to = 0] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? "")?.map(Number) ?? [];
  const body = bytes.subarray(from, to + 1);
  if (body.byteLength === 0) {
    response.writeHead(416, { "content-range": `bytes */${bytes.byteLength}` }).end();
    return;
  }
  response.writeHead(206, {
    etag,
    "content-range": `bytes ${from}-${from + body.byteLength - 1}/${bytes.byteLength}`,
    ...(typeof fault === "object" && "endsAt" in fault ? {} : { "content-length": body.byteLength }),
    ...(typeof fault === "object" && "headers" in fault && fault.headers),
  });
  if (typeof fault === "object" && "endsAt" in fault) {
    response.write(body.subarray(0, fault.endsAt)); // in a chunk of its own, since end() alone would state the length
    response.end();
  } else if (typeof fault !== "object" || !("cutAt" in fault)) response.end(body);
  else response.write(body.subarray(0, fault.cutAt), () => response.destroy());
}
