import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";

/** The pieces of uploads that are not complete, by their id. */
export type Uploads = Map<string, Buffer[]>;

interface Held {
  readonly objects: Map<string, Buffer>;
  readonly uploads: Uploads;
}

interface Answer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string | Buffer;
}

/** Answers GET with ranges, HEAD, PUT and DELETE, with If-Match and If-None-Match, and uploads in several pieces. */
export function respond(held: Held, request: IncomingMessage, key: string, body: Buffer): Answer {
  const { objects } = held;
  const { method, headers, url = "" } = request;
  const query = new URL(url, "http://localhost").searchParams;
  if (query.has("uploads") || query.has("uploadId")) return respondToUpload(held, method as string, key, query, body);
  const there = objects.get(key);
  if (method === "GET" || method === "HEAD") return there ? read(there, request) : xml(404, "NoSuchKey");
  if (method === "DELETE") {
    objects.delete(key);
    return { status: 204, headers: {}, body: "" };
  }
  const isStale = headers["if-match"] !== undefined && (!there || headers["if-match"] !== etagOf(there));
  if (isStale || (headers["if-none-match"] === "*" && there)) return xml(412, "PreconditionFailed");
  objects.set(key, body);
  return { status: 200, headers: { etag: etagOf(body) }, body: "" };
}

function read(bytes: Buffer, { method, headers: { range, "if-match": match } }: IncomingMessage): Answer {
  const headers = { etag: etagOf(bytes) };
  if (match !== undefined && match !== headers.etag) return xml(412, "PreconditionFailed");
  if (method === "HEAD") return { status: 200, headers: { ...headers, "content-length": `${bytes.length}` }, body: "" };
  if (range === undefined) return { status: 200, headers, body: bytes };
  const [, from = 0, to = 0] = /^bytes=(\d+)-(\d+)$/.exec(range)?.map(Number) ?? [];
  const body = bytes.subarray(from, to + 1);
  if (body.length === 0) return xml(416, "InvalidRange");
  const place = `bytes ${from}-${from + body.length - 1}/${bytes.length}`;
  return { status: 206, headers: { ...headers, "content-range": place }, body };
}

/** The time of all objects in listings. */
export const WRITTEN_AT = "2026-01-02T03:04:05.678Z";

/** Answers a ListObjectsV2 with a prefix and the delimiter "/", two keys or folders a page. */
export function listed(objects: ReadonlyMap<string, Buffer>, query: URLSearchParams): Answer {
  const prefix = query.get("prefix") ?? "";
  const after = query.get("continuation-token") ?? query.get("start-after") ?? "";
  const hasFolders = query.get("delimiter") === "/";
  if (query.get("list-type") !== "2" || hasFolders === query.has("start-after")) return xml(501, "NotImplemented");
  const firstName = (rest: string): string => /^[^/]*\/?/.exec(rest)?.[0] ?? "";
  const upToSlash = (key: string): string => (hasFolders ? prefix + firstName(key.slice(prefix.length)) : key);
  const below = new Set([...objects.keys()].filter((key) => key.startsWith(prefix)).map(upToSlash));
  const left = [...below].filter((key) => key > after).sort();
  const page = left.slice(0, 2).map((key) => {
    const text = key.replaceAll("&", "&amp;");
    return key.endsWith("/")
      ? `<CommonPrefixes><Prefix>${text}</Prefix></CommonPrefixes>`
      : `<Contents><Key>${text}</Key><LastModified>${WRITTEN_AT}</LastModified></Contents>`;
  });
  const next = left.length > 2 ? `<NextContinuationToken>${left[1]}</NextContinuationToken>` : "";
  const body = `<ListBucketResult><Prefix>${prefix}</Prefix>${page.join("")}${next}</ListBucketResult>`;
  return { status: 200, headers: { "content-type": "application/xml" }, body };
}

function respondToUpload(
  { objects, uploads }: Held,
  method: string,
  key: string,
  query: URLSearchParams,
  body: Buffer,
): Answer {
  if (query.has("uploads")) {
    const id = `upload-${uploads.size}+/=`;
    uploads.set(id, []);
    return { status: 200, headers: {}, body: `<R><UploadId>${id}</UploadId></R>` };
  }
  const id = query.get("uploadId") as string;
  const pieces = uploads.get(id);
  if (!pieces) return xml(404, "NoSuchUpload");
  if (method === "PUT") {
    pieces[Number(query.get("partNumber")) - 1] = body;
    return { status: 200, headers: { etag: etagOf(body) }, body: "" };
  }
  uploads.delete(id);
  if (method === "DELETE") return { status: 204, headers: {}, body: "" };
  const stated = [...body.toString().matchAll(/<ETag>([^<]+)<\/ETag>/g)].map(([, tag]) => tag);
  if (stated.join() !== pieces.map(etagOf).join()) return xml(400, "InvalidPart");
  objects.set(key, Buffer.concat(pieces));
  return { status: 200, headers: {}, body: "<CompleteMultipartUploadResult/>" };
}

const etagOf = (bytes: Buffer): string => `"${createHash("md5").update(bytes).digest("hex")}"`;

export const xml = (status: number, code: string) => ({
  status,
  headers: { "content-type": "application/xml" },
  body: `<?xml version="1.0"?><Error><Code>${code}</Code><Message>what was sent, again</Message></Error>`,
});
