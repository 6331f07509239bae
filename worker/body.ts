import type { MiddlewareHandler } from "hono";
import { Problem } from "./problem.ts";

declare module "hono" {
  interface ContextVariableMap {
    /** Length of the request's body as it was read. */
    bodyBytes: number;
  }
}

/**
 * Reads the body of a JSON request, at most `maxBytes` of it, for the validator that follows.
 * The bytes are counted as they come: Content-Length is the client's word.
 */
export function jsonBody(maxBytes: number): MiddlewareHandler {
  return async (c, next) => {
    requireJson(c.req.header("content-type"));
    const body = await readAtMost(c.req.raw.body, maxBytes);
    c.set("bodyBytes", body.byteLength);
    c.req.raw = new Request(c.req.raw, { body });
    await next();
  };
}

export function bodyTooLarge(maxBytes: number): Problem {
  return new Problem("body_too_large", `body expected at most ${maxBytes} bytes`);
}

function requireJson(contentType: string | undefined): void {
  const mediaType = contentType?.split(";")[0]?.trim().toLowerCase();
  if (mediaType === "application/json") return;
  throw new Problem("unsupported_media_type", `content-type expected application/json, got ${mediaType || "none"}`);
}

async function readAtMost(body: ReadableStream<Uint8Array> | null, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let byteLength = 0;
  for await (const chunk of body ?? []) {
    byteLength += chunk.byteLength;
    if (byteLength > maxBytes) throw bodyTooLarge(maxBytes);
    chunks.push(chunk);
  }
  return concat(chunks, byteLength);
}

function concat(chunks: readonly Uint8Array[], byteLength: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(byteLength);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return bytes;
}
