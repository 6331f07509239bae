import type { Latency } from "./result.ts";

/** Calls that follow one another, before it is another one's turn: caches are as in steady use. */
const TURN = 10;
/** Turns that warm up and do not count. */
const WARM_UP = 5;

type Call = (round: number) => Promise<unknown> | unknown;

/** Measures the latencies of calls that follow one another, in turns, so that noise of the machine meets all of them. */
export async function latenciesOf<Name extends string>(
  requests: number,
  calls: Readonly<Record<Name, Call>>,
): Promise<Record<Name, Latency>> {
  const all = Object.entries<Call>(calls).map(([name, call]) => ({ name, call, times: [] as number[] }));
  for (let turn = -WARM_UP; turn < requests / TURN; turn++) {
    for (const { call, times } of all) {
      for (let i = 0; i < TURN; i++) {
        const begin = performance.now();
        await call((turn + WARM_UP) * TURN + i);
        if (turn >= 0) times.push(performance.now() - begin);
      }
    }
  }
  return Object.fromEntries(all.map(({ name, times }) => [name, latencyIn(times)])) as Record<Name, Latency>;
}

function latencyIn(times: number[]): Latency {
  times.sort((a, b) => a - b);
  const at = (share: number): number => times[Math.floor(times.length * share)] as number;
  return { quarter: at(0.25), median: at(0.5), p99: at(0.99) };
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
