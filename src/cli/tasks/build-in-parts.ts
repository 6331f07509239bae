import { ADDRESSABLE_BYTES } from "../../memory/addressable-bytes.ts";
import { memoryBounds, shapeOf } from "../building/capacity.ts";
import { openEmbeddings } from "../building/embeddings.ts";
import type { BuildArguments } from "../building/options.ts";
import { makeFolder } from "../files/make-folder.ts";
import { STANDARD_INPUT } from "../files/standard-input.ts";
import type { Progress } from "../output/progress.ts";
import type { Io } from "../process/io.ts";
import { isInBucket } from "../remote/address.ts";
import { remoteFiles } from "../remote/remote-files.ts";
import type { Threads } from "../threads/threads.ts";
import type { Committed } from "./commit-task.ts";
import { makePlan } from "./make-plan.ts";
import { type BuildPlan, serialisePlan } from "./plan.ts";
import { checkPortable } from "./plan-paths.ts";
import { runTask, type TaskOutcome } from "./run-task.ts";
import { removeWork, sweepScratch, type TaskFolder, taskFilesAt } from "./task-folder.ts";
import { tasksOf } from "./task-names.ts";

export const PLAN_NAME = "plan.json";

/** The place where a plan is written. */
interface PlanPlace {
  readonly folder: string;
  readonly name: string;
  /** True if other processes run its tasks. */
  readonly isForOthers: boolean;
}

/** Makes the plan of a build in parts, and writes it to its folder, which is created. */
export async function writePlan(
  path: string,
  options: BuildArguments,
  { folder, name, isForOthers }: PlanPlace,
  io: Io,
): Promise<BuildPlan> {
  const plan = await makePlan(path, options, folder, io);
  if (isForOthers) checkPortable(plan, folder);
  if (!isInBucket(folder)) await makePartsFolder(folder);
  await sweepScratch(folder, io);
  await taskFilesAt(folder, io, options).write(name, new TextEncoder().encode(serialisePlan(plan)));
  return plan;
}

async function makePartsFolder(folder: string): Promise<void> {
  try {
    await makeFolder(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "EEXIST" && code !== "ENOTDIR") throw error;
    throw new Error(`parts need a folder, and ${folder} is a file or in one: pass another --output`);
  }
}

/** One process that runs tasks. */
export interface TaskRunner {
  readonly io: Io;
  readonly progress: Progress;
  readonly pool: Threads | undefined;
  readonly threads: number;
  readonly onOutcome: (outcome: TaskOutcome) => void;
}

/** Runs all tasks of a plan in order. The folder of the records is removed at the end of the build. */
export async function runAllTasks(tasks: TaskFolder, runner: TaskRunner): Promise<Committed> {
  const { plan } = tasks;
  let last: TaskOutcome | undefined;
  for (const task of tasksOf(plan)) {
    runner.io.signal.throwIfAborted();
    last = await runTask({ tasks, task, isAwaited: false, ...runner });
    runner.onOutcome(last);
  }
  await removeWork(tasks);
  return last?.record.result as Committed;
}

/** The rows of an index that is too large for one file are in no smaller file, since a value takes at least a byte. */
const LEAST_SUSPECT = 2 ** 30;

/**
 * Returns the number of GiB that one index of all rows needs at least, if that is more than any runtime can address.
 * Otherwise undefined, and for standard input as well, which can be read only once.
 */
export async function unaddressable(
  path: string,
  byteLength: number,
  options: BuildArguments,
  io: Io,
): Promise<number | undefined> {
  if (path === STANDARD_INPUT || byteLength < LEAST_SUSPECT) return undefined;
  const input = await openEmbeddings({
    path,
    options,
    progress: { report() {}, stop() {} },
    io,
    pool: undefined,
    openRemote: remoteFiles(io, options),
  });
  try {
    const { least } = memoryBounds(input.itemCount, shapeOf(input.dim, options));
    return least > ADDRESSABLE_BYTES ? least / 2 ** 30 : undefined;
  } finally {
    await input.close();
  }
}
