import type { BaseApp } from "./base-app.ts";
import { auditsRoute } from "./endpoints/audits.ts";
import { addEndpoint, type Endpoint, type RequestFields } from "./endpoints/endpoint.ts";
import { decode, logProbability, sample, sampleTopK, slateLogProbability } from "./endpoints/index.ts";
import { infoRoute } from "./endpoints/probes.ts";

/** Makes another endpoint of one, with more fields. */
export type Adapt = <Fields extends RequestFields>(endpoint: Endpoint<Fields>) => Endpoint<Fields>;

/** Adds the routes of an index, which is in this isolate or in parts elsewhere. */
export function addIndexRoutes({ app, host, telemetry, audits }: BaseApp, adapt: Adapt = (endpoint) => endpoint): void {
  infoRoute(app, host);
  auditsRoute(app, audits);
  addEndpoint(app, host, telemetry, adapt(sample));
  addEndpoint(app, host, telemetry, adapt(sampleTopK));
  addEndpoint(app, host, telemetry, adapt(logProbability));
  addEndpoint(app, host, telemetry, adapt(decode));
  addEndpoint(app, host, telemetry, adapt(slateLogProbability));
}
