import { setTimeout as sleep } from "node:timers/promises";
import { readRecord, type TaskFolder } from "./task-folder.ts";
import { type BuildTask, neededBy } from "./task-names.ts";

/** Waits until the tasks that `task` needs are finished. Throws an Error after `seconds`. */
export async function waitForNeeded(
  tasks: TaskFolder,
  task: BuildTask,
  seconds: number,
  signal: AbortSignal,
): Promise<void> {
  const end = performance.now() + 1000 * seconds;
  for (const needed of neededBy(task, tasks.plan)) {
    while (!(await readRecord(tasks, needed))) {
      if (performance.now() >= end) {
        throw new Error(
          `the task ${needed.name} was not finished after ${seconds} seconds: see why, and run this again`,
        );
      }
      await sleep(tasks.files.lookAgain, undefined, { signal });
    }
  }
}
