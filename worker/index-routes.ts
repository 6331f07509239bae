import type { BaseApp } from "./base-app.ts";
import { auditsRoute } from "./endpoints/audits.ts";
import { addEndpoint } from "./endpoints/endpoint.ts";
import { decode, logProbability, sample, sampleTopK, slateLogProbability } from "./endpoints/index.ts";
import { infoRoute } from "./endpoints/probes.ts";

/** Adds the routes of whatever answers as an index, in this isolate or in parts elsewhere. */
export function addIndexRoutes({ app, host, telemetry, audits }: BaseApp): void {
  infoRoute(app, host);
  auditsRoute(app, audits);
  addEndpoint(app, host, telemetry, sample);
  addEndpoint(app, host, telemetry, sampleTopK);
  addEndpoint(app, host, telemetry, logProbability);
  addEndpoint(app, host, telemetry, decode);
  addEndpoint(app, host, telemetry, slateLogProbability);
}
