import type { MiddlewareHandler } from "hono";
import type { Host } from "../host/host.ts";

/** The headers of every response to a page that may call the service. */
const EXPOSED = "x-request-id,x-index-version,x-classes-scored,x-mutation,retry-after";
/** The headers of the answer to a preflight. Browsers keep it for a day. */
const PREFLIGHT = {
  "access-control-allow-methods": "GET,POST",
  "access-control-allow-headers": "authorization,content-type,x-request-id,x-client-key,x-min-mutation,idempotency-key",
  "access-control-max-age": "86400",
};

/**
 * Allows pages of the listed origins to call the service. Without a list, responses have no CORS headers. hono's middleware
 * for this does more, and takes five times the code.
 */
export function allowOrigins(host: Host): MiddlewareHandler {
  return async (c, next) => {
    const { origins } = host.settings(c);
    if (origins.length === 0) return next();
    const asking = c.req.header("origin");
    const allowed = origins.includes("*") ? "*" : origins.find((listed) => listed === asking);
    // Headers of c.res are also those of a response that a route makes without the context.
    const { headers } = c.res;
    if (allowed) headers.set("access-control-allow-origin", allowed);
    headers.set("access-control-expose-headers", EXPOSED);
    if (c.req.method === "OPTIONS") {
      for (const [name, value] of Object.entries(PREFLIGHT)) headers.set(name, value);
      headers.set("vary", "origin, access-control-request-headers");
      return new Response(null, { status: 204, headers });
    }
    await next();
    c.header("vary", "origin", { append: true });
  };
}
