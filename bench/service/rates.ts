import autocannon from "autocannon";
import type { Rate } from "./result.ts";

export interface Ask {
  readonly url: string;
  /** The bodies, sent in turn. */
  readonly bodies: readonly (string | Buffer)[];
  readonly contentType?: string;
}

/** The number of connections, unless a measurement states another. */
export const CONNECTIONS = 16;

/** Sends requests for `seconds`, each as soon as the one before it is answered. */
export async function load(
  { url, bodies, contentType = "application/json" }: Ask,
  seconds: number,
  connections = CONNECTIONS,
) {
  return autocannon({
    url,
    requests: bodies.map((body) => ({ method: "POST", body, headers: { "content-type": contentType } })),
    connections,
    duration: seconds,
    timeout: 30,
  });
}

/**
 * Measures the rates of all requests. They take turns, so that changes of the machine's speed affect all alike. The
 * first round warms up and does not count.
 */
export async function rates(
  asks: Readonly<Record<string, Ask>>,
  rounds: number,
  seconds: number,
): Promise<Record<string, Rate>> {
  const found = new Map<string, Rate[]>(Object.keys(asks).map((name) => [name, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const [name, ask] of Object.entries(asks)) {
      const { requests, duration, latency, non2xx, errors } = await load(ask, seconds);
      const rate = { requestsPerSecond: Math.round(requests.total / duration), p50: latency.p50, p99: latency.p99 };
      if (round > 0) found.get(name)?.push({ ...rate, failed: non2xx + errors });
    }
  }
  return Object.fromEntries(Array.from(found, ([name, all]) => [name, medianRate(all)]));
}

function medianRate(rates: readonly Rate[]): Rate {
  const sorted = rates.toSorted((a, b) => a.requestsPerSecond - b.requestsPerSecond);
  const failed = rates.reduce((sum, rate) => sum + rate.failed, 0);
  return { ...(sorted[sorted.length >> 1] as Rate), p99: Math.max(...rates.map(({ p99 }) => p99)), failed };
}
