import type { Hono } from "hono";
import type { Host } from "../host.ts";

/** GET /healthz: the isolate runs. GET /readyz: it has an index, or can load one now. GET /v1/info: which one. */
export function probeRoutes(app: Hono, host: Host): void {
  app.get("/healthz", (c) => c.json({ status: "ok" }));
  app.get("/readyz", async (c) => {
    host.maxWork(c);
    const { info } = await host.getIndex(c);
    return c.json({ status: "ready", contentId: info.contentId });
  });
  app.get("/v1/info", async (c) => c.json((await host.getIndex(c)).info));
}
