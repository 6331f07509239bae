import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, onTestFinished } from "vitest";
import { writeCli } from "../bundle.ts";

export interface Running {
  readonly process: ChildProcess;
  text(): string;
  readonly ended: Promise<number | null>;
}

/**
 * Installs the published command line for a suite, beside the packages that it asks for. Returns a function that starts a
 * command in a folder, which ends with the test at the latest.
 */
export function installedCommands(env: () => Record<string, string> = () => ({})) {
  let installed: string;
  beforeAll(async () => {
    installed = mkdtempSync(join(tmpdir(), "midx-installed-"));
    writeFileSync(join(installed, "package.json"), '{"type":"module"}');
    mkdirSync(join(installed, "dist"));
    await writeCli(join(installed, "dist"));
    symlinkSync(resolve("node_modules"), join(installed, "node_modules"));
  });
  afterAll(() => rmSync(installed, { recursive: true }));
  return (cwd: string, ...argv: string[]): Running => {
    const program = join(installed, "dist", "cli.js");
    // The commands start several processes each, which need not all compile the same program.
    const compiled = { NODE_COMPILE_CACHE: join(installed, "compiled") };
    const child = spawn(process.execPath, [program, ...argv], { cwd, env: { ...process.env, ...compiled, ...env() } });
    let text = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (piece: Buffer) => (text += piece.toString()));
    const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
    onTestFinished(() => void child.kill("SIGKILL"));
    return { process: child, text: () => text, ended };
  };
}

export async function until(condition: () => boolean, what: () => string): Promise<void> {
  for (let tenth = 0; !condition(); tenth++) {
    if (tenth > 6000) throw new Error(what());
    await sleep(100);
  }
}

export const childrenOf = (pid: number): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);

export const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
};
