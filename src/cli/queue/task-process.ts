import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { ProgressEvent } from "../output/progress.ts";
import { PLAN_ID_VARIABLE } from "../tasks/expected-plan.ts";
import type { QueuedTask } from "./queued-task.ts";

/** A task that runs in a process of its own, so that its computation never blocks the connection to the queue. */
export interface TaskProcess {
  readonly finished: Promise<Finished>;
  /** Ends the process. The task can be run again. */
  kill(): void;
}

interface Finished {
  readonly outcome: "done" | "kept";
  readonly seconds: number;
  readonly line: string;
}

/** The error of a task. If `isFinal`, running it again would end in the same way. */
export class TaskError extends Error {
  readonly isFinal: boolean;

  constructor(message: string, isFinal: boolean) {
    super(message);
    this.isFinal = isFinal;
  }
}

/** Exit codes that say that something is wrong with the plan or the files: usage, and damaged or foreign files. */
const FINAL_CODES = [2, 3];
/** The most of stderr that is kept for a message. */
const KEPT_CHARACTERS = 4096;

/** Runs `midx build-task` with some of its options by the same program as this one. */
export function startTask(
  { plan, planId, task }: QueuedTask,
  options: readonly string[],
  onProgress: (event: ProgressEvent) => void,
): TaskProcess {
  const argv = ["build-task", plan, "--index", task, "--json", ...options];
  const child = spawn(process.execPath, [...process.execArgv, process.argv[1] as string, ...argv], {
    env: { ...process.env, [PLAN_ID_VARIABLE]: planId },
    stdio: ["ignore", "pipe", "pipe", "ipc"], // the channel closes with this process, and the task then ends as well
  });
  return { finished: outcomeOf(child, onProgress), kill: () => child.kill("SIGKILL") };
}

function outcomeOf(child: ChildProcess, onProgress: (event: ProgressEvent) => void): Promise<Finished> {
  return new Promise((resolve, reject) => {
    let finished: Finished | undefined;
    let problem = "";
    createInterface({ input: child.stdout as NonNullable<ChildProcess["stdout"]> }).on("line", (line) => {
      const event = JSON.parse(line) as { readonly event: string } & ProgressEvent & Finished;
      if (event.event === "progress") onProgress(event);
      else if (event.event === "task") finished = event;
    });
    child.stderr?.on("data", (text: Buffer) => {
      problem = (problem + text.toString()).slice(-KEPT_CHARACTERS);
    });
    child.on("error", reject);
    child.on("close", (code, signal) => {
      if (code === 0 && finished) return resolve(finished);
      const reason = problem.trim().replace(/^error: /, "") || `it ended with ${signal ?? `exit code ${code}`}`;
      reject(new TaskError(reason, FINAL_CODES.includes(code ?? -1)));
    });
  });
}
