import { open } from "node:fs/promises";
import { Readable } from "node:stream";
import type { Hono } from "hono";

/**
 * GET /index.midx: the file that is served, for the kernels in the page. It is read as the client takes it, since clients
 * that take it slowly would otherwise each hold all of it in memory.
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
