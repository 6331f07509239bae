import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort, hasProgram } from "./programs.ts";

/** nginx is installed. */
export const HAS_NGINX = hasProgram("nginx");

/** Serves the files of a folder. `scratch` is for its own files. */
export async function startNginx(
  folder: string,
  scratch: string,
): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const port = await freePort();
  const own = (name: string): string => join(scratch, name);
  const bodies = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => `${name}_temp_path ${own(name)};`);
  writeFileSync(
    own("nginx.conf"),
    `daemon off; master_process off; pid ${own("pid")}; error_log ${own("error.log")};
    events {}
    http { access_log off; ${bodies.join(" ")} server { listen 127.0.0.1:${port}; root ${folder}; } }`,
  );
  const server = spawn("nginx", ["-c", own("nginx.conf"), "-e", own("error.log")], { stdio: "ignore" });
  const ended = new Promise<void>((resolve) => server.once("close", () => resolve()));
  const url = `http://127.0.0.1:${port}`;
  for (let tenth = 0; !(await answers(url)); tenth++) {
    if (tenth > 600 || server.exitCode !== null) throw new Error("nginx does not answer");
    await sleep(100);
  }
  return {
    url,
    stop() {
      server.kill();
      return ended;
    },
  };
}

export const answers = (url: string): Promise<boolean> =>
  fetch(url).then(
    () => true,
    () => false,
  );
