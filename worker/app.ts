import type { Hono } from "hono";
import { createBaseApp } from "./base-app.ts";
import { addEndpoint } from "./endpoints/endpoint.ts";
import { logPartition, predict } from "./endpoints/index.ts";
import type { Host } from "./host/host.ts";
import { type Adapt, addIndexRoutes } from "./index-routes.ts";
import type { Watch } from "./middleware/watch.ts";
import { vectorizeRoutes } from "./vectorize/routes.ts";

/** The HTTP application of an index, the same in Workers and in Node. `adapt` changes its endpoints. */
export function createApp(environment: Host, watch?: Watch, adapt: Adapt = (endpoint) => endpoint): Hono {
  const base = createBaseApp(environment, watch);
  const { app, host, telemetry } = base;
  addIndexRoutes(base, adapt);
  addEndpoint(app, host, telemetry, adapt(predict));
  addEndpoint(app, host, telemetry, adapt(logPartition));
  vectorizeRoutes(app, host, telemetry);
  return app;
}
