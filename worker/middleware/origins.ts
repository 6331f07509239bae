import type { MiddlewareHandler } from "hono";
import { cors } from "hono/cors";
import type { Host } from "../host/host.ts";

/** Allows pages of the listed origins to call the service. Without a list, responses have no CORS headers. */
export function allowOrigins(host: Host): MiddlewareHandler {
  const allow = cors({
    origin: (origin, c) => {
      const { origins } = host.settings(c);
      return origins.includes("*") ? "*" : origins.find((listed) => listed === origin);
    },
    allowMethods: ["GET", "POST"],
    allowHeaders: ["authorization", "content-type", "x-request-id"],
    exposeHeaders: ["x-request-id", "x-index-version", "x-classes-scored", "retry-after"],
    maxAge: 86400,
  });
  return (c, next) => (host.settings(c).origins.length > 0 ? allow(c, next) : next());
}
