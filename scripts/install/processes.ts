import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";

/** The time limit of a command, for a machine that is ten times slower than a developer's. */
const COMMAND_MS = 15 * 60_000;
/** The time limits for a server to start and to stop. */
const START_MS = 5 * 60_000;
const STOP_MS = 60_000;

/** Runs a command to its end and returns its stdout. The Error for a failed command contains all of its output. */
export async function runToEnd(command: string, args: readonly string[], options: SpawnOptions): Promise<string> {
  const child = start(command, args, options);
  const timer = setTimeout(() => endGroup(child, "SIGKILL"), COMMAND_MS);
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  const [status, signal] = await once(child, "close");
  clearTimeout(timer);
  if (status === 0) return stdout();
  throw new Error(`${command} ${args.join(" ")}\nended with ${status ?? signal}:\n${stdout()}${stderr()}`);
}

/** A program that keeps running in its own terminal. */
export interface Terminal {
  /** Interrupts the program like Ctrl-C, and waits for its end. */
  interrupt(): Promise<void>;
}

/** Starts a shell with `script` and resolves when `url` answers. */
export async function openTerminal(script: string, url: string, options: SpawnOptions): Promise<Terminal> {
  const shell = start("sh", ["-ec", script], options);
  const [stdout, stderr] = [collect(shell.stdout), collect(shell.stderr)];
  const hasEnded = (): boolean => shell.exitCode !== null || shell.signalCode !== null;
  const interrupt = async (): Promise<void> => {
    for (const signal of ["SIGINT", "SIGKILL"] as const) {
      if (!endGroup(shell, signal)) return;
      for (const until = Date.now() + STOP_MS; Date.now() < until && endGroup(shell, 0); ) await sleep(100);
    }
  };
  for (const until = Date.now() + START_MS; Date.now() < until && !hasEnded(); await sleep(200)) {
    if (await fetch(url, { signal: AbortSignal.timeout(5_000) }).catch(() => undefined)) return { interrupt };
  }
  await interrupt();
  throw new Error(`${script}did not answer at ${url}:\n${stdout()}${stderr()}`);
}

/**
 * Starts a process as the leader of a process group, like a terminal, which signals the whole group. It ends with this
 * process.
 */
function start(command: string, args: readonly string[], options: SpawnOptions): ChildProcess {
  const child = spawn(command, args, { ...options, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  running.add(child);
  child.once("close", () => running.delete(child));
  return child;
}

const running = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of running) endGroup(child, "SIGKILL");
});
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));

function collect(stream: NodeJS.ReadableStream | null): () => string {
  let text = "";
  stream?.on("data", (data) => {
    text += data;
  });
  return () => text;
}

/** Signals a process group. Returns false if no process of the group is left. */
function endGroup({ pid }: ChildProcess, signal: NodeJS.Signals | 0): boolean {
  if (pid === undefined) return false;
  try {
    return process.kill(-pid, signal);
  } catch {
    return false;
  }
}
