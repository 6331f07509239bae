import type { MiddlewareHandler } from "hono";
import { Problem } from "../contract/problem.ts";
import type { Host } from "../host/host.ts";

/** Seconds: the shorter of the two periods of Workers' rate limits. */
const RETRY_AFTER = "10";

/** Refuses callers that exceed the rate limit, if one is bound. */
export function limitRate(host: Host): MiddlewareHandler {
  return async (c, next) => {
    const { rateLimiter } = host.settings(c);
    if (rateLimiter !== undefined) {
      const { success } = await rateLimiter.limit({ key: c.get("caller") });
      if (!success) {
        c.header("retry-after", RETRY_AFTER);
        throw new Problem("rate_limited", `this caller has sent too many requests: retry after ${RETRY_AFTER} s`);
      }
    }
    await next();
  };
}
