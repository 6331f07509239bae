import type { Hono } from "hono";
import type { InfoAnswer, ReadyAnswer } from "../contract/wire.ts";
import type { Host } from "../host/host.ts";

/**
 * GET /healthz answers while the isolate runs. GET /readyz answers 200 if the isolate has an index or can load one now. Its
 * status is `degraded`, with the reason, if a newer index is published that cannot be served.
 */
export function probeRoutes(app: Hono, host: Host): void {
  app.get("/healthz", (c) => {
    c.set("route", "/healthz");
    return c.json({ status: "ok" });
  });
  app.get("/readyz", async (c) => {
    c.set("route", "/readyz");
    host.settings(c);
    const answering = await host.served(c);
    const { fault, served = answering } = host.health();
    const { version, index, canary } = served;
    const about = {
      version,
      contentId: index.info.contentId,
      ...(canary && { canary: { version: canary.version, share: canary.share } }),
    };
    if (!fault) return c.json({ status: "ready", ...about } satisfies ReadyAnswer);
    const reason = { code: fault.code, detail: fault.message };
    return c.json({ status: "degraded", ...about, reason } satisfies ReadyAnswer);
  });
}

/** GET /v1/info: facts about the index that is served. */
export function infoRoute(app: Hono, host: Host): void {
  app.get("/v1/info", async (c) => {
    c.set("route", "/v1/info");
    const { version, mutation, index, info = index.info } = await host.served(c);
    c.header("x-index-version", version);
    return c.json({ version, ...(mutation !== undefined && { mutation }), ...info } satisfies InfoAnswer);
  });
}
