import { execFileSync, spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { answers } from "./nginx.ts";
import { freePort } from "./programs.ts";

/** The Python that has moto, whose server speaks the S3 API: Debian's python3-moto, or one of pip. */
export const MOTO = ["python3", "/usr/bin/python3"].find((python) => {
  try {
    execFileSync(python, ["-c", "import moto.server"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
});

/** Starts a server of the S3 API with one empty bucket, which keeps its objects in memory. */
export async function startMoto(bucket: string): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const port = await freePort();
  const server = spawn(MOTO as string, ["-m", "moto.server", "-p", String(port)], { stdio: "ignore" });
  const ended = new Promise<void>((resolve) => server.once("close", () => resolve()));
  const url = `http://127.0.0.1:${port}`;
  for (let tenth = 0; !(await answers(url)); tenth++) {
    if (tenth > 600 || server.exitCode !== null) throw new Error("moto does not answer");
    await sleep(100);
  }
  await fetch(`${url}/${bucket}`, { method: "PUT" });
  return {
    url,
    stop() {
      server.kill("SIGKILL");
      return ended;
    },
  };
}
