import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly lines: readonly string[];
  readonly stderr: string;
}

/** Runs a program of this folder in a separate process, and returns its end and its output. */
export async function runProgram(name: string, ...args: readonly (string | number)[]): Promise<Ended> {
  const program = spawn(process.execPath, [join(import.meta.dirname, name), ...args.map(String)]);
  let [stdout, stderr] = ["", ""];
  program.stdout.on("data", (data) => {
    stdout += data;
  });
  program.stderr.on("data", (data) => {
    stderr += data;
  });
  const [code, signal] = await once(program, "close");
  return { code, signal, lines: stdout.split("\n").filter((line) => line !== ""), stderr };
}
