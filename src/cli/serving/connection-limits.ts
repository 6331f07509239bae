import type { ServerOptions } from "node:http";
import { BODY_SECONDS } from "../../../worker/contract/limits.ts";

/** In a request or an answer, a connection is closed after this time without data, in milliseconds. */
export const IDLE_MS = 60_000;

/** Timeouts in milliseconds. Node's defaults are a minute for headers, five for a request, and a check every 30 seconds. */
export const CONNECTION_LIMITS = {
  headersTimeout: 10_000,
  // The application answers a slow body with 408 first. This closes the connections that remain.
  requestTimeout: 1000 * (BODY_SECONDS + 15),
  // Proxies keep connections for one minute (nginx, Varnish, load balancers of AWS) or two (Caddy) between two requests. They must
  // close them first: if the server does, a request may be on its way, and a POST that is lost is not sent again.
  keepAliveTimeout: 125_000,
  connectionsCheckingInterval: 1000,
} satisfies ServerOptions;
