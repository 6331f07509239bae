import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, inject, test } from "vitest";
import { freePort } from "../../scripts/server/free-port.ts";
import { tool } from "./commands.ts";

const DIM = 100;
const TOKEN = "a-token-that-may-write";
const examples = (): string => join(inject("installed"), "examples");
/** The classes have no labels, so that their ids stand for them. */
const FIRST_ADDED = 10_000;

/** Runs the example in a runtime until `use` is done with its URL. */
async function withExample(
  command: string,
  args: readonly string[],
  port: number,
  use: (url: string) => Promise<void>,
) {
  const env = { ...process.env, WRITE_TOKEN: TOKEN, PORT: String(port) };
  const server = spawn(command, args, { cwd: examples(), env, stdio: ["ignore", "ignore", "inherit"], detached: true });
  const ended = once(server, "exit");
  const url = `http://127.0.0.1:${port}`;
  try {
    while (!(await fetch(`${url}/healthz`).catch(() => undefined))) {
      if (server.exitCode !== null) throw new Error(`the example has ended with ${server.exitCode}`);
      await sleep(50);
    }
    await use(url);
  } finally {
    process.kill(-(server.pid as number), "SIGKILL");
    await ended;
  }
}

async function post(url: string, path: string, body: object): Promise<Record<string, unknown>> {
  const headers = { "content-type": "application/json", authorization: `Bearer ${TOKEN}` };
  const response = await fetch(url + path, { method: "POST", headers, body: JSON.stringify(body) });
  const answer = (await response.json()) as Record<string, unknown>;
  expect(response.status, JSON.stringify(answer)).toBe(200);
  return answer;
}

test("the example of a live service keeps its log from one runtime to the next", async () => {
  const row = (seed: number): number[] => Array.from({ length: DIM }, (_, i) => Math.sin(seed + i * i) / 3);
  const add = async (url: string, i: number): Promise<void> => {
    const upsert = { labels: [String(FIRST_ADDED + i)], rows: [row(i)], biases: [0] };
    expect((await post(url, "/v1/upsert", upsert)).sequence).toBe(i + 1);
  };
  const best = async (url: string, i: number, minMutation: number): Promise<unknown> => {
    const asked = { vector: row(i).map((value) => 300 * value), k: 1, exact: true, minMutation };
    return (await post(url, "/v1/predict", asked)).ids;
  };
  const allowed = ["--allow-read", "--allow-write", "--allow-env"];
  const runtimes = [
    (port: number) => [tool("bun"), "live.ts", String(port)],
    (port: number) => [tool("deno"), "serve", "--no-prompt", ...allowed, "--port", String(port), "live.ts"],
  ];
  for (const [i, runtime] of runtimes.entries()) {
    const port = await freePort();
    const [command = "", ...args] = runtime(port);
    await withExample(command, args, port, async (url) => {
      await add(url, i);
      for (let added = 0; added <= i; added++) expect(await best(url, added, i + 1)).toEqual([FIRST_ADDED + added]);
    });
  }
});
