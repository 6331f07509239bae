import { post } from "./post.ts";
import { type Ask, load } from "./rates.ts";
import type { Overload } from "./result.ts";

const CONNECTIONS = 1000;
const SECONDS = 8;
const CALM_MS = 25;
const CALM_REQUESTS = 50;

/**
 * Opens far more connections than the service takes requests at once, and measures the time until answers are as fast
 * as before.
 */
export async function measureOverload(ask: Ask): Promise<Overload> {
  const { statusCodeStats = {}, errors } = await load(ask, SECONDS, CONNECTIONS);
  const statuses: Record<string, number> = { 0: errors };
  for (const [status, { count }] of Object.entries(statusCodeStats)) statuses[status] = count ?? 0;
  const start = performance.now();
  for (let calm = 0; calm < CALM_REQUESTS; ) {
    const before = performance.now();
    const { status } = await post(ask.url, String(ask.bodies[0]));
    calm = status === 200 && performance.now() - before <= CALM_MS ? calm + 1 : 0;
    if (performance.now() - start > 30_000) throw new Error("no recovery within 30 s");
  }
  return { connections: CONNECTIONS, statuses, recovery: Math.round(performance.now() - start) };
}
