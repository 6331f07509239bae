import type { ServerOptions } from "node:http";
import { BODY_SECONDS } from "../../../worker/contract/limits.ts";

/** A connection is closed after this time without data, whether the client stopped sending or reading, in milliseconds. */
export const IDLE_MS = 60_000;

/** Timeouts in milliseconds. Node's defaults are a minute for headers, five for a request, and a check every 30 seconds. */
export const CONNECTION_LIMITS = {
  headersTimeout: 10_000,
  // The application answers a slow body with 408 first. This closes the connections that remain.
  requestTimeout: 1000 * (BODY_SECONDS + 15),
  keepAliveTimeout: 5000,
  connectionsCheckingInterval: 1000,
} satisfies ServerOptions;
