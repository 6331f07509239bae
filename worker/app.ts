import type { Hono } from "hono";
import { createBaseApp } from "./base-app.ts";
import { addEndpoint } from "./endpoints/endpoint.ts";
import { logPartition, predict } from "./endpoints/index.ts";
import type { Host } from "./host/host.ts";
import { addIndexRoutes } from "./index-routes.ts";
import type { Watch } from "./middleware/watch.ts";
import { vectorizeRoutes } from "./vectorize/routes.ts";

/** The HTTP application of an index, the same in Workers and in Node. */
export function createApp(environment: Host, watch?: Watch): Hono {
  const base = createBaseApp(environment, watch);
  const { app, host, telemetry } = base;
  addIndexRoutes(base);
  addEndpoint(app, host, telemetry, predict);
  addEndpoint(app, host, telemetry, logPartition);
  vectorizeRoutes(app, host, telemetry);
  return app;
}
