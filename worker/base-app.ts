import type { Context } from "hono";
import { PatternRouter } from "hono/router/pattern-router";
import { Hono } from "hono/tiny";
import type { H, RouterRoute } from "hono/types";
import { Problem, problemJson } from "./contract/problem.ts";
import { metricsRoute } from "./endpoints/metrics.ts";
import { probeRoutes } from "./endpoints/probes.ts";
import { type AnsweringHost, explainFailures, type Host } from "./host/host.ts";
import { problemOf } from "./host/problem-of.ts";
import { guard } from "./middleware/guard.ts";
import { InFlight } from "./middleware/in-flight.ts";
import { allowOrigins } from "./middleware/origins.ts";
import { REQUEST_ID_HEADER, requestIdOf } from "./middleware/request-id.ts";
import { RouteTable } from "./middleware/route-table.ts";
import type { Watch } from "./middleware/watch.ts";
import { ClientGone } from "./request/arrival.ts";
import { AuditLog } from "./telemetry/audit-log.ts";
import { Metrics } from "./telemetry/metrics.ts";
import { createTelemetry, type Telemetry } from "./telemetry/telemetry.ts";
import { asksForChange, immutable } from "./vectorize/immutable.ts";
import { answerErrorsInEnvelope, ENVELOPE_PATHS } from "./vectorize/routes.ts";

declare module "hono" {
  interface ContextVariableMap {
    requestId: string;
    /** The path of the route as metrics name it. */
    route: string;
    /** Writes errors of this route. The default is problem+json. */
    answerProblem: ((c: Context, problem: Problem) => Response) | undefined;
  }
}

/** The paths that the rate limit, the tokens and the limit of requests in flight protect. */
const GUARDED = ["/v1/*", "/client/*", "/metrics", "/index.midx"];

/** The guards, the form of errors, the probes and the metrics, which every service has. */
export interface BaseApp {
  readonly app: Hono;
  readonly host: AnsweringHost;
  readonly telemetry: Telemetry;
  readonly audits: AuditLog;
}

/**
 * Makes an application without the routes of a particular service. It knows its environment only through its host. `watch`
 * watches bodies.
 */
export function createBaseApp(environment: Host, watch?: Watch): BaseApp {
  const served = explainFailures(environment.served);
  const { answerWith = async (c, answer) => answer(await served(c)) } = environment;
  const host: AnsweringHost = { ...environment, served, answerWith };
  const app = new Hono();
  const routes = new RouteTable<[H, RouterRoute]>();
  app.router = routes;
  const metrics = new Metrics(environment.watchDrift);
  const audits = new AuditLog();
  const telemetry = createTelemetry(host, metrics, audits);
  const inFlight = new InFlight(watch);
  app.notFound((c) => answer(c, noRoute(c, app)));
  app.onError((error, c) => (error instanceof ClientGone ? clientGone() : answer(c, problemOf(error))));

  app.use(async (c, next) => {
    const requestId = requestIdOf(c.req.header(REQUEST_ID_HEADER));
    c.set("requestId", requestId);
    if (c.req.method !== "POST") {
      c.header("cache-control", "no-store");
      c.header(REQUEST_ID_HEADER, requestId); // answers to POST get it where they are written
    }
    await next();
    const { method, path } = c.req;
    const route = c.get("route") ?? (routes.has(method, path) ? path : "other"); // the guard may have refused it
    metrics.requested(route, c.res.status);
  });
  for (const path of ENVELOPE_PATHS) app.use(path, answerErrorsInEnvelope);
  app.use(allowOrigins(host));
  for (const path of GUARDED) app.use(path, guard(host, inFlight));

  probeRoutes(app, host);
  metricsRoute(app, host, metrics, inFlight);
  return { app, host, telemetry, audits };
}

/** The answer to a client that has gone, which nobody receives. Metrics count it under nginx's status for this case. */
const clientGone = (): Response => new Response(null, { status: 499 });

function answer(c: Context, problem: Problem): Response {
  c.header(REQUEST_ID_HEADER, c.get("requestId"));
  if (problem.status === 503) c.header("retry-after", "1");
  return (c.get("answerProblem") ?? problemJson)(c, problem);
}

/** The path may have routes for other methods. hono's own middleware for this adds a second router of 1.3 KB. */
function noRoute(c: Context, { routes }: Hono): Problem {
  const { path, method } = c.req;
  const router = new PatternRouter<string>();
  for (const route of routes) if (route.method !== "ALL") router.add("ALL", route.path, route.method);
  const [found] = router.match("ALL", path);
  const allow = found.map(([known]) => (known === "GET" ? "GET, HEAD" : known)).join(", ");
  const changes = asksForChange(method, path);
  if (!allow && !changes) return new Problem("not_found", `${path} is not a route in openapi.json of midx`);
  c.header("allow", allow);
  if (changes) return immutable();
  return new Problem("method_not_allowed", `${path} expected ${allow}, got ${method}`);
}
