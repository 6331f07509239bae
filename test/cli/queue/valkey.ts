import { execFileSync, spawn } from "node:child_process";
import { connect, createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { onTestFinished } from "vitest";
import { makeFolder } from "../files.ts";

/** The server that is installed, of Debian's valkey-server or redis-server. Undefined if neither is. */
export const SERVER = ["valkey-server", "redis-server"].find((name) => {
  try {
    execFileSync(name, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
});

/** Returns a port of this machine that nothing listens on. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Starts a server on this machine alone, which ends with the test, and returns its URL. */
export async function startValkey(): Promise<string> {
  const port = await freePort();
  const argv = ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--dir", makeFolder()];
  const server = spawn(SERVER as string, argv, { stdio: "ignore" });
  const ended = new Promise((resolve) => server.once("exit", resolve));
  onTestFinished(async () => {
    server.kill();
    await ended;
  });
  while (!(await answers(port))) {
    if (server.exitCode !== null) throw new Error(`${SERVER} ended with exit code ${server.exitCode}`);
    await sleep(50);
  }
  return `redis://127.0.0.1:${port}`;
}

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
