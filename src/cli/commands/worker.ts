import { resolve } from "node:path";
import type { Command } from "commander";
import { integer } from "../arguments/values.ts";
import { holdSignals } from "../process/interruption.ts";
import { type Io, printLines } from "../process/io.ts";
import { checkQueueUrl, loadBullMq } from "../queue/bullmq.ts";
import { runWorker } from "../queue/worker.ts";

interface WorkerArguments {
  readonly queue: string;
  readonly folder: string;
  readonly tasks: number;
  readonly threads: number;
  readonly idle?: number;
}

const MAX_IDLE_SECONDS = 604800;

/** `midx worker`: takes tasks of builds from a queue. */
export function addWorkerCommand(program: Command, io: Io): void {
  program
    .command("worker")
    .description("take tasks that midx build --queue put into a queue, until it is interrupted")
    .requiredOption("--queue <url>", "Redis or Valkey server, such as redis://127.0.0.1:6379")
    .option("--folder <folder>", "folder in which the planner runs, as this machine sees it", ".")
    .option("--tasks <N>", "number of tasks at a time", integer(1, 64), 1)
    .option("--threads <N>", "number of threads of a task", integer(1, 64), 1)
    .option("--idle <seconds>", "end when no task came for so long (default: never)", integer(0, MAX_IDLE_SECONDS))
    .addHelpText("after", EXAMPLE)
    .action((options: WorkerArguments) => work(options, io));
}

const EXAMPLE = `
Example:
  $ midx worker --queue redis://127.0.0.1:6379 --idle 60

Each task runs in a process of its own. A worker that is killed loses its task only: another worker takes it after a few
seconds. The queue holds names of plans and tasks, nothing else. Needs bullmq and ioredis: npm install bullmq@6 ioredis@6.`;

async function work({ queue, folder, tasks, threads, idle }: WorkerArguments, io: Io): Promise<void> {
  const url = checkQueueUrl(queue);
  const bullmq = await loadBullMq();
  const hold = holdSignals(() => {});
  try {
    const options = { url, root: resolve(folder), tasks, threads, ...(idle !== undefined && { idle }) };
    const finished = await runWorker(bullmq, options, io);
    printLines(io.stderr, [`finished ${finished} tasks, and none came for ${idle} seconds`]);
  } finally {
    hold.release();
  }
}
