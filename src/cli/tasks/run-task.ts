import type { Progress } from "../output/progress.ts";
import { runCommit } from "./commit-task.ts";
import { notingFailure } from "./failures.ts";
import { runMeasure } from "./measure-task.ts";
import { runPart } from "./part-task.ts";
import { runSample } from "./sample-task.ts";
import { neededRecord, readRecord, type TaskRecord, writeRecord } from "./task-folder.ts";
import { type BuildTask, neededBy } from "./task-names.ts";
import type { TaskRun } from "./task-run.ts";
import { runTrain } from "./train-task.ts";

export interface TaskOutcome {
  readonly task: BuildTask;
  /** "kept": the task was finished before, and nothing was done. */
  readonly outcome: "done" | "kept";
  readonly record: TaskRecord;
  readonly seconds: number;
}

const TASKS = { sample: runSample, train: runTrain, part: runPart, measure: runMeasure, commit: runCommit };

/**
 * Runs a task, unless its record says that it is finished. Two runs of one task at a time do no harm: both write the same
 * bytes, and files and records appear in one step.
 *
 * @throws Error if a task that it needs is not finished
 */
export async function runTask(run: TaskRun): Promise<TaskOutcome> {
  const { tasks, task } = run;
  const start = performance.now();
  const seconds = (): number => (performance.now() - start) / 1000;
  const before = await readRecord(tasks, task);
  if (before) return { task, outcome: "kept", record: before, seconds: seconds() };
  for (const needed of neededBy(task, tasks.plan)) await neededRecord(tasks, needed);
  const finish = async (): Promise<TaskRecord> =>
    writeRecord<unknown>(tasks, task, await TASKS[task.kind]({ ...run, progress: namedProgress(run.progress, task) }));
  const record = await (run.isAwaited ? notingFailure(tasks, task, run.io.signal, finish) : finish());
  return { task, outcome: "done", record, seconds: seconds() };
}

/** Reports progress with the name of the task before the phase. */
const namedProgress = (progress: Progress, { name }: BuildTask): Progress => ({
  report: ({ phase, ...rest }) => progress.report({ phase: `${name} ${phase}`, ...rest }),
  stop: () => progress.stop(),
});
