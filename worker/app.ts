import type { Hono } from "hono";
import { createBaseApp } from "./base-app.ts";
import { auditsRoute } from "./endpoints/audits.ts";
import { addEndpoint } from "./endpoints/endpoint.ts";
import {
  decode,
  logPartition,
  logProbability,
  predict,
  sample,
  sampleTopK,
  slateLogProbability,
} from "./endpoints/index.ts";
import { infoRoute } from "./endpoints/probes.ts";
import type { Host } from "./host/host.ts";
import type { Watch } from "./middleware/watch.ts";
import { vectorizeRoutes } from "./vectorize/routes.ts";

/** The HTTP application of an index, the same in Workers and in Node. */
export function createApp(environment: Host, watch?: Watch): Hono {
  const { app, host, telemetry, audits } = createBaseApp(environment, watch);
  infoRoute(app, host);
  auditsRoute(app, audits);
  addEndpoint(app, host, telemetry, predict);
  addEndpoint(app, host, telemetry, sample);
  addEndpoint(app, host, telemetry, sampleTopK);
  addEndpoint(app, host, telemetry, logPartition);
  addEndpoint(app, host, telemetry, logProbability);
  addEndpoint(app, host, telemetry, decode);
  addEndpoint(app, host, telemetry, slateLogProbability);
  vectorizeRoutes(app, host, telemetry);
  return app;
}
