import type { ServerOptions } from "node:http";
import { BODY_SECONDS } from "../../../worker/contract/limits.ts";

/** A connection on which nothing moves for this long is closed, whether the client has stopped sending or stopped reading, ms. */
export const IDLE_MS = 60_000;

/** Times of a connection, ms. Node's own let headers take a minute and a whole request five, and look every half a minute. */
export const CONNECTION_LIMITS = {
  headersTimeout: 10_000,
  // The application answers a slow body with 408 first. This closes what is left.
  requestTimeout: 1000 * (BODY_SECONDS + 15),
  keepAliveTimeout: 5000,
  connectionsCheckingInterval: 1000,
} satisfies ServerOptions;
