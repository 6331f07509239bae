import { createHmac } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { listenFor } from "./listen.ts";
import { sha256Of } from "./memory-store.ts";
import { listed, respond, type Uploads, xml } from "./s3-objects.ts";

const MINUTES_15 = 15 * 60 * 1000;

/** Serves the S3 API for one bucket, in memory: what s3-objects.ts has, and signatures. */
export interface S3Server {
  readonly url: string;
  readonly objects: Map<string, Buffer>;
  /** The status of the answer to each request. */
  readonly statuses: number[];
  /** Runs before a request is answered, with the method LIST and the prefix for a listing. A returned number is the status. Above 500 the request still has its effect. */
  before: (method: string, key: string) => Promise<number | undefined>;
  close(): Promise<void>;
}

export async function startS3(bucket: string, accessKeyId: string, secret: string): Promise<S3Server> {
  const objects = new Map<string, Buffer>();
  const uploads: Uploads = new Map();
  const statuses: number[] = [];
  const answer = async (request: IncomingMessage, body: Buffer) => {
    const path = decodeURIComponent((request.url ?? "").split("?")[0] as string);
    const fault = signatureFault(request, body, accessKeyId, secret);
    if (fault) return xml(403, fault);
    const { searchParams } = new URL(request.url ?? "", "http://localhost");
    if (path === `/${bucket}` && request.method === "GET") {
      const forced = await server.before("LIST", searchParams.get("prefix") ?? "");
      return forced === undefined ? listed(objects, searchParams) : xml(forced, "Forced");
    }
    if (!path.startsWith(`/${bucket}/`)) return xml(404, "NoSuchBucket");
    const key = path.slice(bucket.length + 2);
    const forced = await server.before(request.method as string, key);
    if (forced !== undefined && forced < 500) return xml(forced, "Forced");
    const answered = respond({ objects, uploads }, request, key, body);
    return forced === undefined ? answered : xml(forced, "InternalError");
  };
  const { url, close } = await listenFor(async (request, body) => {
    const response = await answer(request, body);
    statuses.push(response.status);
    return response;
  });
  const server: S3Server = { url, objects, statuses, before: async () => undefined, close };
  return server;
}

/**
 * Checks Signature Version 4 for S3 after AWS's description ("Create a signed AWS API request"). Returns the error code.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
function signatureFault(request: IncomingMessage, body: Buffer, accessKeyId: string, secret: string) {
  const { method, url = "", headers } = request;
  const pattern =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/(auto|us-east-1)\/s3\/aws4_request, SignedHeaders=(\S+), Signature=(\w{64})$/;
  const [, id, date, region, signed = "", signature] = pattern.exec(headers.authorization ?? "") ?? [];
  if (id !== accessKeyId) return "InvalidAccessKeyId";
  const names = signed.split(";");
  const stamp = String(headers["x-amz-date"]);
  const payload = String(headers["x-amz-content-sha256"]);
  const at = Date.parse(stamp.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, "$1-$2-$3T$4:$5:$6Z"));
  if (!stamp.startsWith(date as string) || !(Math.abs(Date.now() - at) < MINUTES_15)) return "RequestTimeTooSkewed";
  if (payload !== "UNSIGNED-PAYLOAD" && payload !== sha256Of(body)) return "XAmzContentSHA256Mismatch";
  const needed = ["host", ...Object.keys(headers).filter((name) => name.startsWith("x-amz-"))];
  if (!needed.every((name) => names.includes(name))) return "AccessDenied";
  const [path = "", query = ""] = url.split("?");
  const canonicalPath = decodeURIComponent(path).split("/").map(uriEncode).join("/");
  const canonicalHeaders = names
    .map((name) => `${name}:${String(headers[name]).trim().replace(/ +/g, " ")}\n`)
    .join("");
  const canonical = [method, canonicalPath, query, canonicalHeaders, signed, payload].join("\n");
  const scope = `${date}/${region}/s3/aws4_request`;
  const toSign = ["AWS4-HMAC-SHA256", stamp, scope, sha256Of(Buffer.from(canonical))].join("\n");
  const key = [date, region, "s3", "aws4_request"].reduce<Buffer>(
    (from, text) =>
      createHmac("sha256", from)
        .update(text as string)
        .digest(),
    Buffer.from(`AWS4${secret}`),
  );
  return createHmac("sha256", key).update(toSign).digest("hex") === signature ? undefined : "SignatureDoesNotMatch";
}

/** Escapes all bytes of the UTF-8 except the unreserved characters of RFC 3986. */
const uriEncode = (text: string): string =>
  Array.from(Buffer.from(text), (byte) => {
    const character = String.fromCharCode(byte);
    return /[A-Za-z0-9\-._~]/.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }).join("");
