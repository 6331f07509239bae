import type { Hono } from "hono";
import type { Host } from "../host/host.ts";
import type { InFlight } from "../middleware/in-flight.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import { metricsText } from "../telemetry/metrics-text.ts";

/** GET /metrics: the metrics of this isolate. The request loads no index. */
export function metricsRoute(app: Hono, host: Host, metrics: Metrics, inFlight: InFlight): void {
  app.get("/metrics", (c) => {
    c.set("route", "/metrics");
    const health = host.health();
    for (const served of [health.served?.canary, health.served]) if (served) metrics.watch(served);
    const text = metricsText(metrics, health, inFlight.count) + (host.moreMetrics?.() ?? "");
    return c.body(text, 200, { "content-type": "text/plain; version=0.0.4; charset=utf-8" });
  });
}
