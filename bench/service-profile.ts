// The parts of the CPU time of a request (npm run bench:service-profile; with --write: bench/results/service-profile.json and
// docs/service.md), in workerd and in Node: routes that score nothing, /v1/predict without its call of the library, and with
// it. CPU time is that of the server's process, so that the generator beside it does not count. It needs Linux and takes two
// minutes.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Kernels } from "../src/memory/kernels.ts";
import { load, openedOf } from "./library.ts";
import { madeUp } from "./made-up.ts";
import { startNoise } from "./noise.ts";
import { originOf } from "./origin.ts";
import { replaceBetween } from "./page.ts";
import { startBareWorkerd } from "./service/bare-workerd.ts";
import { cpuOfRequests } from "./service/cpu.ts";
import type { ProfileResult, RequestCosts } from "./service/profile-result.ts";
import { profileTable } from "./service/profile-table.ts";
import { CONNECTIONS } from "./service/rates.ts";
import { cpuTimes } from "./timing.ts";

const ITEM_COUNT = 100_000;
const DIM = 64;
const ROUNDS = 7;

interface Server {
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

const next = startNoise();
const queries = Array.from({ length: 100 }, () => Float32Array.from({ length: DIM }, next));
const bodies = queries.map((query) => JSON.stringify({ vector: Array.from(query) }));
const file = await madeUp(ITEM_COUNT, DIM, { seed: 1 });
const folder = mkdtempSync(join(tmpdir(), "midx-profile-"));
const path = join(folder, "index.midx");
writeFileSync(path, file);
const assets = { "index.midx": file };

try {
  const workerd = await costsOf(
    await startBareWorkerd("bench/service/baseline.ts", {}),
    await startBareWorkerd("bench/service/kept-answer.ts", assets),
    await startBareWorkerd("worker/index.ts", assets),
  );
  const nodeServer = await costsOf(await startNode("baseline"), await startNode("kept"), await startNode("predict"));
  const index = await load(file);
  const predict = (i: number): unknown => index.predict(queries[i % queries.length] as Float32Array, 10);
  const { call } = cpuTimes(9, 500, { call: predict });
  // The kernels that search. The kernels of exp and log stay, because an answer is written with them.
  const kernels = openedOf(index).kernels as Kernels;
  for (const name of ["prepareQuery", "predict"] as const) kernels[name] = () => {};
  const { outside } = cpuTimes(9, 500, { outside: predict });
  const result: ProfileResult = {
    ...originOf(`${cpus().length} cores, the generator on one of them`),
    itemCount: ITEM_COUNT,
    connections: CONNECTIONS,
    workerd,
    nodeServer,
    call: Math.round(1000 * call),
    outside: Math.round(10_000 * outside) / 10,
  };
  console.log(profileTable(result));
  if (process.argv.includes("--write")) {
    writeFileSync(
      new URL("results/service-profile.json", import.meta.url),
      `${JSON.stringify(result, undefined, 2)}\n`,
    );
    replaceBetween("docs/service.md", "service-profile", profileTable(result));
  }
} finally {
  rmSync(folder, { recursive: true });
}

async function costsOf(baseline: Server, kept: Server, predict: Server): Promise<RequestCosts> {
  const asked = ({ url, pid }: Server, route = "/v1/predict") => ({ pid, ask: { url: url + route, bodies } });
  try {
    const found = await cpuOfRequests(
      {
        nothing: asked(baseline),
        sameSize: asked(baseline, "/v1/same-size"),
        kept: asked(kept),
        predict: asked(predict),
      },
      ROUNDS,
    );
    const { nothing = 0, sameSize = 0, kept: keptCost = 0, predict: predictCost = 0 } = found;
    return { nothing, sameSize, kept: keptCost, predict: predictCost };
  } finally {
    await Promise.all([baseline.stop(), kept.stop(), predict.stop()]);
  }
}

async function startNode(kind: string): Promise<Server> {
  const program = fileURLToPath(new URL("service/node-server.ts", import.meta.url));
  const server = spawn(process.execPath, [program, kind, path], { stdio: ["ignore", "pipe", "inherit"] });
  const [port] = await once(server.stdout, "data");
  const stop = async (): Promise<void> => {
    const ended = once(server, "exit");
    server.kill("SIGTERM");
    await ended;
  };
  return { url: `http://127.0.0.1:${String(port).trim()}`, pid: server.pid as number, stop };
}
