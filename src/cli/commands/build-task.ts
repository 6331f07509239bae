import type { Command } from "commander";
import { allowHostOption, s3EndpointOption } from "../arguments/remote-options.ts";
import { integer } from "../arguments/values.ts";
import { warningLines } from "../evaluating/table-warnings.ts";
import { startProgress } from "../output/progress.ts";
import { type Io, printJson, printLines } from "../process/io.ts";
import { isInBucket } from "../remote/address.ts";
import type { RemoteOptions } from "../remote/remote-files.ts";
import { forgetFailure } from "../tasks/failures.ts";
import type { Measured } from "../tasks/measure-task.ts";
import type { BuildPlan } from "../tasks/plan.ts";
import { placeOfPlan } from "../tasks/plan-paths.ts";
import { readPlan } from "../tasks/read-plan.ts";
import { outcomeEvent, outcomeLine } from "../tasks/report.ts";
import { runTask } from "../tasks/run-task.ts";
import { openTaskFolder, sweepScratch, taskFilesAt } from "../tasks/task-folder.ts";
import { indexFromEnvironment } from "../tasks/task-index.ts";
import { taskNamed, tasksOf } from "../tasks/task-names.ts";
import { waitForNeeded } from "../tasks/wait.ts";
import { withThreads } from "../threads/with-threads.ts";

interface TaskOptions extends RemoteOptions {
  readonly index?: string;
  readonly list?: true;
  readonly wait?: number;
  readonly threads: number;
  readonly json?: true;
}

/** The longest that a task may wait for others: a week. */
const MAX_WAIT = 604800;

/** `midx build-task`: runs one task of a plan. */
export function addBuildTaskCommand(program: Command, io: Io): void {
  program
    .command("build-task")
    .description("run one task of a plan, unless it is finished already")
    .argument("<plan>", "plan that midx build-plan wrote, a file or an s3:// URL")
    .option("--index <task>", "number or name of the task (default: from the environment of an array job)")
    .option("--list", "print the numbers and names of all tasks, and run none")
    .option(
      "--wait <seconds>",
      "wait at most this long until the tasks that it needs are finished",
      integer(0, MAX_WAIT),
    )
    .option("--threads <N>", "number of threads; the files are the same for any number", integer(1, 64), 1)
    .addOption(s3EndpointOption())
    .addOption(allowHostOption())
    .option("--json", "print one JSON event per line")
    .addHelpText("after", EXAMPLE)
    .action((plan: string, options: TaskOptions) => runOne(plan, options, io));
}

const EXAMPLE = `
Examples:
  $ midx build-task items/plan.json --index sample
  $ midx build-task items/plan.json --index 3
  $ sbatch --array=0-11 --wrap 'midx build-task items/plan.json --wait 86400'

Without --index the number is that of SLURM_ARRAY_TASK_ID, JOB_COMPLETION_INDEX (Kubernetes), AWS_BATCH_JOB_ARRAY_INDEX,
CLOUD_RUN_TASK_INDEX, or PARALLEL_SEQ less 1 (GNU parallel), the first of them that is set.`;

function listTasks(plan: BuildPlan, json: true | undefined, io: Io): void {
  const tasks = tasksOf(plan);
  if (json) for (const { index, name } of tasks) printJson(io.stdout, { event: "task", index, task: name });
  else
    printLines(
      io.stdout,
      tasks.map(({ index, name }) => `${index} ${name}`),
    );
}

async function runOne(path: string, options: TaskOptions, io: Io): Promise<void> {
  const { wait, threads, json } = options;
  const { folder, name } = placeOfPlan(path);
  const plan = await readPlan(path, () => taskFilesAt(folder, io, options).open(name));
  if (options.list) return listTasks(plan, json, io);
  const { index = indexFromEnvironment(io.env) } = options;
  const task = taskNamed(index, plan);
  const tasks = openTaskFolder(folder, plan, io, { ...options, isForeign: true });
  if (isInBucket(folder)) await sweepScratch(folder, io);
  await forgetFailure(tasks, task); // others wait for it from now on, also while it waits itself
  if (wait !== undefined) await waitForNeeded(tasks, task, { seconds: wait }, io.signal);
  const progress = startProgress(io, json ? "json" : "text");
  try {
    const outcome = await withThreads(threads, io.signal, (pool) =>
      runTask({ tasks, task, progress, io, pool, threads, isAwaited: true }),
    );
    progress.stop();
    if (json) printJson(io.stdout, outcomeEvent(outcome));
    else printLines(io.stdout, [outcomeLine(outcome)]);
    if (task.kind === "measure") printLines(io.stderr, warningLines((outcome.record.result as Measured).warnings));
  } finally {
    progress.stop();
  }
}
