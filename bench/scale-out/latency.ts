import type { Latency } from "./result.ts";

/** Requests that warm up and do not count. */
const WARM_UP = 50;

/** Measures the latency of calls that follow one another. */
export async function latencyOf(
  requests: number,
  call: (round: number) => Promise<unknown> | unknown,
): Promise<Latency> {
  const times: number[] = [];
  for (let round = -WARM_UP; round < requests; round++) {
    const begin = performance.now();
    await call(round + WARM_UP);
    if (round >= 0) times.push(performance.now() - begin);
  }
  times.sort((a, b) => a - b);
  return { median: times[times.length >> 1] as number, p99: times[Math.floor(times.length * 0.99)] as number };
}

/** A call of /v1/predict with each of the queries in turn. It must succeed. */
export const predictAt =
  (url: string, queries: readonly Float32Array[]) =>
  async (round: number): Promise<void> => {
    const response = await fetch(`${url}/v1/predict`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ vector: Array.from(queries[round % queries.length] as Float32Array), k: 10, seed: round }),
    });
    const text = await response.text();
    if (response.status !== 200) throw new Error(`${url} answered ${response.status}: ${text}`);
  };
