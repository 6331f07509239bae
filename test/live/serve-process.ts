import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";

const bin = (name: string): string => join(import.meta.dirname, "../../node_modules/.bin", name);

/** The commands that run the command line in each runtime. */
const RUNTIMES: Readonly<Record<string, readonly [command: string, ...argv: string[]]>> = {
  Node: [process.execPath],
  Bun: [bin("bun")],
  Deno: [bin("deno"), "run", "--allow-all", "--no-config"],
};

/** A process that runs `midx serve`. */
export interface ServeProcess {
  readonly url: string;
  post(path: string, body: object, headers?: Record<string, string>): Promise<{ status: number; body: Answer }>;
  end(signal: "SIGKILL" | "SIGTERM"): Promise<void>;
}

/** The fields of answers and problems that tests look at. */
export interface Answer {
  readonly labels?: string[];
  readonly mutation?: number;
  readonly version?: string;
  readonly sequence?: number;
  readonly code?: string;
  readonly detail?: string;
}

/** Starts `midx serve` on a free port, in a runtime. */
export async function startServe(
  runtime: string,
  cli: string,
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<ServeProcess> {
  const [command, ...before] = RUNTIMES[runtime] as readonly [string, ...string[]];
  const port = argv.includes("--port") ? [] : ["--port", "0"];
  const args = [...before, cli, "serve", ...argv, ...port, "--json"];
  // A group of its own: the commands of Bun and Deno start their programs as children.
  const child = spawn(command, args, {
    stdio: ["ignore", "pipe", "inherit"],
    detached: true,
    env: { ...process.env, ...env },
  });
  const ended = once(child, "exit");
  const [line] = await Promise.race([once(createInterface(child.stdout), "line"), ended]);
  if (typeof line !== "string") throw new Error(`midx serve has ended in ${runtime}`);
  const url = String(JSON.parse(line).url);
  return {
    url,
    async post(path, body, headers = {}) {
      const request = { method: "POST", body: JSON.stringify(body) };
      const response = await fetch(url + path, {
        ...request,
        headers: { "content-type": "application/json", ...headers },
      });
      return { status: response.status, body: (await response.json()) as Answer };
    },
    async end(signal) {
      process.kill(-(child.pid as number), signal);
      await ended;
    },
  };
}
