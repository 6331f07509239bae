import { spawn } from "node:child_process";
import { once } from "node:events";
import { dirname } from "node:path";

export interface Outcome {
  /** The exit code, or null if a signal ended the process. */
  readonly status: number | null;
  /** The output on stdout and stderr. */
  readonly output: string;
}

/** Runs this Node with these arguments. */
export async function runCommand(cwd: string, args: readonly string[]): Promise<Outcome> {
  const env = { ...process.env, NO_COLOR: "1", PATH: `${dirname(process.execPath)}:${process.env.PATH}` };
  const child = spawn(process.execPath, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  const [status] = (await once(child, "close")) as [number | null];
  return { status, output };
}
