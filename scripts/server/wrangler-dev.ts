import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { freePort } from "./free-port.ts";

/** A running `wrangler dev`. */
export interface DevServer {
  readonly url: string;
  /** Ends wrangler by its process id, and with it workerd. */
  stop(): Promise<void>;
}

const WRANGLER = fileURLToPath(new URL("../../node_modules/.bin/wrangler", import.meta.url));
/** Attempts, ten per second. wrangler takes seconds to start, and minutes on a busy machine. */
const ATTEMPTS = 6000;
const QUIET = {
  WRANGLER_SEND_METRICS: "false",
  WRANGLER_SEND_ERROR_REPORTS: "false",
  WRANGLER_HIDE_BANNER: "true",
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
  /** Where Node keeps what it has compiled of wrangler, which takes a third of the time of its start. */
  NODE_COMPILE_CACHE: fileURLToPath(new URL("../../build/compiled", import.meta.url)),
};

/**
 * Starts `wrangler dev` for the wrangler.toml of a folder, on a free port, without an account, network or prompts. It
 * resolves at the Worker's first response of any status. `signal` stops the start. `vars` are added to the file's variables.
 */
export async function startWrangler(
  folder: string,
  signal?: AbortSignal,
  vars: Readonly<Record<string, string>> = {},
): Promise<DevServer> {
  const port = await freePort();
  const args = ["dev", "--local", "--ip", "127.0.0.1", "--port", String(port), "--inspector-port", "0"];
  const given = Object.entries(vars).flatMap(([name, value]) => ["--var", `${name}:${value}`]);
  let log = "";
  const server = spawn(WRANGLER, [...args, ...given, "--show-interactive-dev-session=false"], {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...QUIET },
  });
  for (const stream of [server.stdout, server.stderr]) {
    stream.on("data", (data) => {
      log += data;
    });
  }
  const hasEnded = (): boolean => server.exitCode !== null || server.signalCode !== null;
  /** After a failed build, wrangler keeps waiting for changed sources. */
  const hasFailed = (): boolean => log.includes("Build failed with");
  const stop = async (): Promise<void> => {
    if (hasEnded()) return;
    const ended = once(server, "exit");
    server.kill("SIGTERM");
    await ended;
  };
  const url = `http://127.0.0.1:${port}`;
  for (let attempt = 0; attempt < ATTEMPTS && !hasEnded() && !hasFailed() && !signal?.aborted; attempt++) {
    if (await fetch(`${url}/healthz`).catch(() => undefined)) return { url, stop };
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await stop();
  signal?.throwIfAborted();
  throw new Error(`the Worker did not come up:\n${log}`);
}
