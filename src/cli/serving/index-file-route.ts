import { open } from "node:fs/promises";
import { Readable } from "node:stream";
import type { Hono } from "hono";
import { Problem } from "../../../worker/contract/problem.ts";
import { isSystemError, systemMessage } from "../process/system-error.ts";

/**
 * Adds GET /index.midx, which sends the index file to the kernels in the page. It reads the file as fast as the client
 * receives it, so that a slow client does not keep all of it in memory.
 */
export function indexFileRoute(app: Hono, path: string): void {
  app.get("/index.midx", async (c) => {
    c.set("route", "/index.midx");
    const file = await open(path).catch(unreadable);
    const { size } = await file.stat();
    const headers = { "content-type": "application/octet-stream", "content-length": String(size) };
    if (c.req.method === "HEAD") {
      await file.close();
      return c.body(null, 200, headers);
    }
    return c.body(Readable.toWeb(file.createReadStream()) as ReadableStream, 200, headers);
  });
}

/** Only the page needs the file, which may be gone or replaced by now: questions are answered from memory. */
function unreadable(error: unknown): never {
  if (!isSystemError(error)) throw error;
  throw new Problem("index_unreadable", systemMessage(error));
}
