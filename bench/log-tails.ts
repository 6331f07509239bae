// How many reads for new changes a log in a Durable Object answers (npm run bench:log-tails): in workerd, by the clock and by CPU
// time, beside calls of an object that answers nothing. --write writes bench/results/log-tails.json and the table of docs/live.md.
import { cpus } from "node:os";
import { encodeLoggedSet } from "../src/changes/index.ts";
import { type TailCost, type TailCosts, tailsTable } from "./live/tails-table.ts";
import { replaceBetween } from "./page.ts";
import { writeResult } from "./results-file.ts";
import { startBareWorkerd } from "./service/bare-workerd.ts";
import { nanosOf } from "./service/cpu.ts";
import { median } from "./timing.ts";

const DIM = 64;
const APPENDED = 20;
/** The sets that a tail finds: none, as most do, one, and as many as 20 writes a second make. */
const FOUND = [0, 1, APPENDED];
const ROUNDS = 15;
const TIMES = 1600;
const AT_ONCE = 16;

const objects = { LOG: "IndexLog", NOTHING: "Nothing" };
const worker = await startBareWorkerd("bench/live/tails-worker.ts", {}, { objects });
try {
  for (let i = 0; i < APPENDED; i++) {
    const body = encodeLoggedSet({ upserts: { labels: [`new shoe ${i}`], rows: new Float32Array(DIM).fill(0.1) } });
    await answer("/append", { method: "POST", body: Uint8Array.from(body) });
  }
  const calls = FOUND.map((sets) => ({ path: `/tail?after=${APPENDED - sets}&`, sets }));
  const costs = await costsOf([{ path: "/nothing?", sets: undefined }, ...calls]);
  const result: TailCosts = { machine: `${cpus()[0]?.model ?? "?"}, two busy cores`, costs };
  console.log(tailsTable(result));
  if (process.argv.includes("--write")) {
    replaceBetween("docs/live.md", "log-tails", tailsTable(writeResult("log-tails", result)));
  }
} finally {
  await worker.stop();
}

async function answer(path: string, init?: RequestInit): Promise<unknown> {
  const response = await fetch(worker.url + path, init);
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return response.json();
}

/** Measures calls that take turns: the medians of the rounds. The first round warms up and does not count. */
async function costsOf(
  calls: readonly { readonly path: string; readonly sets: number | undefined }[],
): Promise<TailCost[]> {
  const found = calls.map((call) => ({ ...call, rates: [] as number[], micros: [] as number[] }));
  for (let round = 0; round <= ROUNDS; round++) {
    for (const { path, sets = 0, rates, micros } of found) {
      const [start, before] = [performance.now(), nanosOf(worker.pid)];
      const got = await answer(`${path}times=${TIMES}&atOnce=${AT_ONCE}`);
      if (got !== sets * TIMES) throw new Error(`${path}: ${sets * TIMES} sets expected, got ${got}`);
      if (round === 0) continue;
      rates.push((1000 * TIMES) / (performance.now() - start));
      micros.push((nanosOf(worker.pid) - before) / 1000 / TIMES);
    }
  }
  return found.map(({ sets, rates, micros }) => ({
    ...(sets !== undefined && { sets }),
    ...{ perSecond: median(rates), cpuMicros: median(micros) },
  }));
}
