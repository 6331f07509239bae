import { readFileSync } from "node:fs";
import autocannon from "autocannon";
import { median } from "../timing.ts";
import { type Ask, CONNECTIONS } from "./rates.ts";

/** Linux counts the CPU time of a process in hundredths of a second. */
const TICK_MICROS = 10_000;

/** Requests of a round: a hundred ticks or more. */
const REQUESTS = 8000;

/** A server of its own process, and what it is asked. */
export interface Asked {
  readonly pid: number;
  readonly ask: Ask;
}

/**
 * The CPU microseconds of each server's process for a request: the median of the rounds. The servers take turns. The first
 * round warms up and does not count.
 */
export async function cpuOfRequests(
  servers: Readonly<Record<string, Asked>>,
  rounds: number,
): Promise<Record<string, number>> {
  const found = new Map<string, number[]>(Object.keys(servers).map((name) => [name, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const [name, { pid, ask }] of Object.entries(servers)) {
      const before = ticksOf(pid);
      const { requests, non2xx, errors } = await autocannon({
        url: ask.url,
        requests: ask.bodies.map((body) => ({ method: "POST", body, headers: { "content-type": "application/json" } })),
        connections: CONNECTIONS,
        amount: REQUESTS,
      });
      if (non2xx + errors > 0) throw new Error(`${name}: ${non2xx + errors} requests failed`);
      if (round > 0) found.get(name)?.push(((ticksOf(pid) - before) * TICK_MICROS) / requests.total);
    }
  }
  return Object.fromEntries(Array.from(found, ([name, all]) => [name, Math.round(median(all))]));
}

/** The ticks of a process in user and system mode: the 14th and 15th field, behind a name that may have spaces. */
function ticksOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return Number(fields[11]) + Number(fields[12]);
}
