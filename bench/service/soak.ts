import { readdirSync, readFileSync } from "node:fs";
import { type Ask, load } from "./rates.ts";
import type { Soak } from "./result.ts";

const WARM_SECONDS = 60;

/** Applies load without a pause, and reads the memory of workerd after the first minute and at the end. */
export async function measureSoak(ask: Ask, seconds: number): Promise<Soak> {
  const warm = await load(ask, WARM_SECONDS);
  const bytesBefore = residentBytes();
  const rest = await load(ask, seconds - WARM_SECONDS);
  return {
    seconds,
    requests: warm.requests.total + rest.requests.total,
    failed: warm.non2xx + warm.errors + rest.non2xx + rest.errors,
    p99: rest.latency.p99,
    bytesBefore,
    bytesAfter: residentBytes(),
  };
}

/** Returns the resident memory of the workerd processes that this process started. */
function residentBytes(): number {
  let bytes = 0;
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    const status = read(`/proc/${pid}/status`);
    if (!/^Name:\s*workerd$/m.test(status) || !new RegExp(`^PPid:\\s*${process.pid}$`, "m").test(status)) continue;
    bytes += 1024 * Number(/^VmRSS:\s*(\d+)/m.exec(status)?.[1] ?? 0);
  }
  return bytes;
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // the process has ended
  }
}
