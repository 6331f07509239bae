import type { MiddlewareHandler } from "hono";
import type { Host } from "../host/host.ts";
import type { InFlight } from "./in-flight.ts";
import { limitRate } from "./rate-limit.ts";
import { identifyCaller, requireToken } from "./tokens.ts";

/**
 * Lets a request pass the rate limit and the tokens and gives it a slot, or refuses it before its body is read. The rate
 * limit comes before the tokens, so that it also covers requests without a known token.
 *
 * It is one middleware, because hono makes several promises for each.
 */
export function guard(host: Host, inFlight: InFlight): MiddlewareHandler {
  return async (c, next) => {
    const settings = host.settings(c);
    const caller = await identifyCaller(c, host);
    if (settings.rateLimiter) await limitRate(c, settings.rateLimiter, caller.key);
    requireToken(c, caller);
    const request = inFlight.enter(caller.key, settings);
    c.set("inFlightRequest", request);
    try {
      await next();
    } finally {
      inFlight.leave(request);
    }
  };
}
