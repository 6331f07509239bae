import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** Starts `midx serve` of the package installed there on a free port. */
export async function serveIndex(
  installed: string,
  file: string,
): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const command = join(installed, "node_modules/midx/dist/cli.js");
  const args = [command, "serve", file, "--port", "0", "--json"];
  const server = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(server, "exit");
  const [line] = await Promise.race([once(createInterface(server.stdout), "line"), ended]);
  if (typeof line !== "string") throw new Error("midx serve has ended");
  return {
    url: String(JSON.parse(line).url),
    async stop() {
      server.kill("SIGTERM");
      await ended;
    },
  };
}
