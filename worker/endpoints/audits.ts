import type { Hono } from "hono";
import type { AuditLog } from "../telemetry/audit-log.ts";

/** GET /v1/audits: the last audits of this isolate as JSON lines, oldest first. The request loads no index. */
export function auditsRoute(app: Hono, audits: AuditLog): void {
  app.get("/v1/audits", (c) => {
    c.set("route", "/v1/audits");
    return c.body(audits.text, 200, { "content-type": "application/jsonl" });
  });
}
