import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { startBareWorkerd } from "../../bench/service/bare-workerd.ts";
import { build } from "../../src/train/index.ts";
import { bundleCli } from "../cli/bundle.ts";
import { noise } from "../cli/noise.ts";

// The servers of slow clients. Each suite that imports this makes the index and the command of its own.

const ITEM_COUNT = 60;
const DIM = 4;
/** If a test waits longer than this for an answer (ms), the server is locked up. */
export const PATIENCE = 600_000;

export interface Server {
  readonly url: string;
  readonly log: () => string;
  stop(): Promise<void>;
}

export const folder = mkdtempSync(join(tmpdir(), "midx-slow-"));
export const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

let file: Uint8Array;
export const indexFile = (): Uint8Array => file;
let cli: Awaited<ReturnType<typeof bundleCli>>;
beforeAll(async () => {
  file = await build(
    { data: noise(ITEM_COUNT * DIM, 1), shape: [ITEM_COUNT, DIM] },
    { bits: 2, seed: 1, calibrate: "off" },
  );
  writeFileSync(join(folder, "index.midx"), file);
  cli = await bundleCli();
});
afterAll(() => {
  cli.remove();
  rmSync(folder, { recursive: true });
});

/** Starts the published command in a separate process. */
export async function startServe(): Promise<Server> {
  const server = spawn(process.execPath, [cli.cli, "serve", join(folder, "index.midx"), "--port", "0", "--json"]);
  let log = "";
  server.stderr.on("data", (data) => {
    log += data;
  });
  const [line] = (await once(server.stdout, "data")) as [Buffer];
  server.stdout.on("data", (data) => {
    log += data;
  });
  const stop = async (): Promise<void> => {
    const ended = once(server, "exit");
    server.kill("SIGTERM");
    await ended;
  };
  return { url: JSON.parse(line.toString()).url, log: () => log, stop };
}

export async function startWorkerd(): Promise<Server> {
  let log = "";
  const onLog = (text: string) => {
    log += text;
  };
  const server = await startBareWorkerd(
    "worker/index.ts",
    { "index.midx": file },
    { vars: { BODY_SECONDS: "300" }, onLog },
  );
  return { ...server, log: () => log };
}

export const question = JSON.stringify({ vector: new Array(DIM).fill(0.5), k: 3 });

export async function ask(url: string): Promise<number> {
  const response = await fetch(`${url}/v1/predict`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: question,
    signal: AbortSignal.timeout(PATIENCE),
  });
  await response.text();
  return response.status;
}
