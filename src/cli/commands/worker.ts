import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import type { Command } from "commander";
import { allowHostOption, s3EndpointOption } from "../arguments/remote-options.ts";
import { integer } from "../arguments/values.ts";
import { holdSignals } from "../process/interruption.ts";
import { type Io, printLines } from "../process/io.ts";
import { checkQueueUrl, loadBullMq } from "../queue/bullmq.ts";
import { runWorker } from "../queue/worker.ts";
import { addressOf, isInBucket } from "../remote/address.ts";
import type { RemoteOptions } from "../remote/remote-files.ts";

interface WorkerArguments extends RemoteOptions {
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
    .description("run tasks that midx build --queue has put into a queue, until it is interrupted")
    .requiredOption("--queue <url>", "Redis or Valkey server, such as redis://127.0.0.1:6379")
    .option(
      "--folder <folder>",
      "folder in which midx build runs, under its name on this machine, or s3://bucket/prefix",
      ".",
    )
    .option("--tasks <N>", "number of tasks at a time", integer(1, 64), 1)
    .option("--threads <N>", "number of threads of a task", integer(1, 64), 1)
    .option("--idle <seconds>", "end after this time without a task (default: never)", integer(0, MAX_IDLE_SECONDS))
    .addOption(s3EndpointOption())
    .addOption(allowHostOption())
    .addHelpText("after", EXAMPLE)
    .action((options: WorkerArguments) => work(options, io));
}

const EXAMPLE = `
Examples:
  $ midx worker --queue redis://127.0.0.1:6379 --idle 60
  $ midx worker --queue redis://127.0.0.1:6379 --folder s3://bucket/items

Each task runs in a process of its own. If a worker is killed, another one takes over its task after a few
seconds. The queue holds names and hashes of plans, and names of tasks, nothing else. This command needs bullmq and ioredis:
npm install bullmq@6 ioredis@6.`;

async function work({ queue, folder, tasks, threads, idle, ...remote }: WorkerArguments, io: Io): Promise<void> {
  const url = checkQueueUrl(queue);
  const root = isInBucket(folder) ? addressOf(folder).shown : await expectFolder(resolve(folder));
  const bullmq = await loadBullMq();
  const hold = holdSignals(() => {});
  try {
    const taskOptions = ["--threads", String(threads), ...remoteOptions(remote)];
    const options = { url, root, tasks, taskOptions, ...(idle !== undefined && { idle }) };
    const finished = await runWorker(bullmq, options, io);
    printLines(io.stderr, [`finished ${finished} tasks, and none came for ${idle} seconds`]);
  } finally {
    hold.release();
  }
}

/** A worker without the folder of its builds would take their tasks and fail every one of them. */
async function expectFolder(path: string): Promise<string> {
  if ((await stat(path).catch(() => undefined))?.isDirectory()) return path;
  throw new RangeError(
    `'--folder' expected a folder that is there, got ${path}: name the one in which midx build runs`,
  );
}

const remoteOptions = ({ s3Endpoint, allowHost }: RemoteOptions): string[] => [
  ...(s3Endpoint === undefined ? [] : ["--s3-endpoint", s3Endpoint]),
  ...(allowHost === undefined ? [] : ["--allow-host", ...allowHost]),
];
