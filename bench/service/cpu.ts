import { readdirSync, readFileSync } from "node:fs";
import autocannon from "autocannon";
import { median } from "../timing.ts";
import { type Ask, CONNECTIONS } from "./rates.ts";

/** Requests of a round. */
const REQUESTS = 8000;

/** A server in a process of its own, and the requests to it. */
export interface Asked {
  readonly pid: number;
  readonly ask: Ask;
}

/**
 * Measures the CPU microseconds of each server's process for a request: the median of the rounds. The servers take turns. The
 * first round warms up and does not count.
 */
export async function cpuOfRequests(
  servers: Readonly<Record<string, Asked>>,
  rounds: number,
): Promise<Record<string, number>> {
  const found = new Map<string, number[]>(Object.keys(servers).map((name) => [name, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const [name, { pid, ask }] of Object.entries(servers)) {
      const before = nanosOf(pid);
      const { requests, non2xx, errors } = await autocannon({
        url: ask.url,
        requests: ask.bodies.map((body) => ({ method: "POST", body, headers: { "content-type": "application/json" } })),
        connections: CONNECTIONS,
        amount: REQUESTS,
      });
      if (non2xx + errors > 0) throw new Error(`${name}: ${non2xx + errors} requests failed`);
      if (round > 0) found.get(name)?.push((nanosOf(pid) - before) / 1000 / requests.total);
    }
  }
  return Object.fromEntries(Array.from(found, ([name, all]) => [name, Math.round(median(all))]));
}

/** Returns the CPU nanoseconds that the threads of a process have used. */
export function nanosOf(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  const times = threads.map((thread) => readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ")[0]);
  return times.reduce((sum, time) => sum + Number(time), 0);
}
