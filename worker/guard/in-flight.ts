import type { MiddlewareHandler } from "hono";
import type { Host } from "../host.ts";
import { Problem } from "../problem.ts";

/**
 * Refuses requests beyond `maxInFlight` before their body is read: an isolate answers one at a time, so what waits only
 * takes memory and grows old.
 */
export function limitInFlight(host: Host, inFlight: { count: number }): MiddlewareHandler {
  return async (c, next) => {
    if (inFlight.count >= host.settings(c).maxInFlight) {
      throw new Problem("overloaded", `${inFlight.count} requests are under way already`);
    }
    inFlight.count++;
    try {
      await next();
    } finally {
      inFlight.count--;
    }
  };
}
