import type { Hono } from "hono";
import type { InFlight } from "../guard/in-flight.ts";
import type { Host } from "../host.ts";
import type { Metrics } from "../watch/metrics.ts";
import { metricsText } from "../watch/metrics-text.ts";

/** GET /metrics: what this isolate has seen. It loads no index for that. */
export function metricsRoute(app: Hono, host: Host, metrics: Metrics, inFlight: InFlight): void {
  app.get("/metrics", (c) => {
    c.set("route", "/metrics");
    const text = metricsText(metrics, host.health(), inFlight.count);
    return c.body(text, 200, { "content-type": "text/plain; version=0.0.4; charset=utf-8" });
  });
}
