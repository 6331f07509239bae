import { spawn } from "node:child_process";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort, hasProgram } from "./programs.ts";

/** The server that is installed, of Debian's valkey-server or redis-server. Undefined if neither is. */
export const SERVER = ["valkey-server", "redis-server"].find(hasProgram);

/** Starts a server for this machine alone, which keeps nothing. */
export async function startValkey(folder: string): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const port = await freePort();
  const argv = ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder];
  const server = spawn(SERVER as string, argv, { stdio: "ignore" });
  const ended = new Promise<void>((resolve) => server.once("exit", () => resolve()));
  while (!(await answers(port))) {
    if (server.exitCode !== null) throw new Error(`${SERVER} ended with exit code ${server.exitCode}`);
    await sleep(50);
  }
  return {
    url: `redis://127.0.0.1:${port}`,
    stop() {
      server.kill();
      return ended;
    },
  };
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
