import { open } from "node:fs/promises";
import { Readable } from "node:stream";
import type { Hono } from "hono";

/**
 * Adds GET /index.midx, which sends the index file to the kernels in the page. It reads the file as fast as the client
 * receives it, so that a slow client does not keep all of it in memory.
 */
export function indexFileRoute(app: Hono, path: string): void {
  app.get("/index.midx", async (c) => {
    c.set("route", "/index.midx");
    const file = await open(path);
    const { size } = await file.stat();
    const headers = { "content-type": "application/octet-stream", "content-length": String(size) };
    if (c.req.method === "HEAD") {
      await file.close();
      return c.body(null, 200, headers);
    }
    return c.body(Readable.toWeb(file.createReadStream()) as ReadableStream, 200, headers);
  });
}
