import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** The cost of the processes of a build. A killed process can't report its cost. */
export interface Cost {
  readonly cpuSeconds: number;
  /** The largest resident memory of a process, in MiB. */
  readonly peakMebibytes: number;
  readonly processes: number;
}

/** Appends the cost of a process to a file when the process ends. The memory is that of Linux. */
const PRELOAD = `import { appendFileSync, readFileSync } from "node:fs";
import { isMainThread } from "node:worker_threads";
if (isMainThread) process.on("exit", () => {
  const { user, system } = process.cpuUsage();
  const [, peak] = /VmHWM:\\s*(\\d+) kB/.exec(readFileSync("/proc/self/status", "utf8"));
  appendFileSync(process.env.MIDX_COST, JSON.stringify({ cpu: (user + system) / 1e6, peak: peak / 1024 }) + "\\n");
});`;

/** Returns the variables by which every process of Node that is started with them notes its cost, and a reader of it. */
export function startCost(folder: string): { readonly env: Record<string, string>; read(): Cost } {
  const [preload, log] = [join(folder, "cost.mjs"), join(folder, "cost.jsonl")];
  writeFileSync(preload, PRELOAD);
  writeFileSync(log, "");
  return {
    env: { NODE_OPTIONS: `--import ${pathToFileURL(preload).href}`, MIDX_COST: log },
    read() {
      const lines = readFileSync(log, "utf8").split("\n").filter(Boolean);
      const noted = lines.map((line) => JSON.parse(line) as { cpu: number; peak: number });
      return {
        cpuSeconds: noted.reduce((sum, { cpu }) => sum + cpu, 0),
        peakMebibytes: Math.max(0, ...noted.map(({ peak }) => peak)),
        processes: noted.length,
      };
    },
  };
}
