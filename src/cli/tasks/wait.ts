import { setTimeout as sleep } from "node:timers/promises";
import { failureOf } from "./failures.ts";
import { readRecord, type TaskFolder } from "./task-folder.ts";
import { type BuildTask, neededBy } from "./task-names.ts";

/** The limits of a wait, in seconds. */
export interface WaitLimits {
  readonly seconds: number;
  /** How long a failed task may take to be started again. Default 600: schedulers do so within minutes. */
  readonly restartSeconds?: number;
}

/** Milliseconds between two looks whether a task failed. */
const LOOK_FOR_FAILURES = 5000;

/**
 * Waits until the tasks that `task` needs are finished.
 *
 * @throws Error after `seconds`, and if one of them, or one that it needs itself, failed and is not started again
 */
export async function waitForNeeded(
  tasks: TaskFolder,
  task: BuildTask,
  { seconds, restartSeconds = 600 }: WaitLimits,
  signal: AbortSignal,
): Promise<void> {
  const end = performance.now() + 1000 * seconds;
  const finished = new Set<string>();
  for (const needed of neededBy(task, tasks.plan)) {
    const unfinished = [needed, ...neededBy(needed, tasks.plan)].filter(({ name }) => !finished.has(name));
    const checkFailures = failuresOf(tasks, unfinished, restartSeconds);
    while (!(await readRecord(tasks, needed))) {
      if (performance.now() >= end) {
        throw new Error(
          `the task ${needed.name} was not finished after ${seconds} seconds: see why, and run this again`,
        );
      }
      await checkFailures();
      await sleep(tasks.files.lookAgain, undefined, { signal });
    }
    finished.add(needed.name);
  }
}

/** Returns a function that looks for failures now and then. It throws an Error for one that lasts. */
function failuresOf(tasks: TaskFolder, watched: readonly BuildTask[], restartSeconds: number): () => Promise<void> {
  const since = new Map<string, number>();
  let lastLook = Number.NEGATIVE_INFINITY;
  return async () => {
    const now = performance.now();
    if (now - lastLook < Math.min(LOOK_FOR_FAILURES, 1000 * restartSeconds)) return;
    lastLook = now;
    for (const watchedTask of watched) {
      const { name } = watchedTask;
      const message = await failureOf(tasks, watchedTask);
      if (message === undefined) {
        since.delete(name);
        continue;
      }
      const first = since.get(name) ?? now;
      since.set(name, first);
      if (now - first < 1000 * restartSeconds) continue;
      throw new Error(
        `the task ${name} failed, and was not started again within ${restartSeconds} seconds: ${message}: mend that, then run both again`,
      );
    }
  };
}
