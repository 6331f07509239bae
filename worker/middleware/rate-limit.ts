import type { MiddlewareHandler } from "hono";
import { Problem } from "../contract/problem.ts";
import type { Host } from "../host/host.ts";

/** The shorter of the two periods that Workers know, seconds. */
const RETRY_AFTER = "10";

/** Asks the rate limit, where one is bound, whether this caller may. */
export function limitRate(host: Host): MiddlewareHandler {
  return async (c, next) => {
    const { rateLimiter } = host.settings(c);
    if (rateLimiter !== undefined) {
      const { success } = await rateLimiter.limit({ key: c.get("caller") });
      if (!success) {
        c.header("retry-after", RETRY_AFTER);
        throw new Problem("rate_limited", "this caller has sent too many requests");
      }
    }
    await next();
  };
}
