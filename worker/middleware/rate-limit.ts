import type { Context } from "hono";
import { Problem } from "../contract/problem.ts";
import type { RateLimiter } from "../host/settings.ts";

/** Seconds: the shorter of the two periods of Workers' rate limits. */
const RETRY_AFTER = "10";

/** Refuses a caller that exceeds the rate limit. */
export async function limitRate(c: Context, rateLimiter: RateLimiter, key: string): Promise<void> {
  const { success } = await rateLimiter.limit({ key });
  if (success) return;
  c.header("retry-after", RETRY_AFTER);
  throw new Problem("rate_limited", `this caller has sent too many requests: retry after ${RETRY_AFTER} s`);
}
