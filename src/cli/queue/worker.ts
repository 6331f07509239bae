import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import type { Job, Worker } from "bullmq";
import { isFailedAllocation } from "../process/failed-allocation.ts";
import { type Io, printLines } from "../process/io.ts";
import { withoutPassword } from "../process/without-password.ts";
import { type BullMq, connectionTo, QUEUE_NAME, waitForQueue } from "./bullmq.ts";
import { progressOf } from "./job-progress.ts";
import { type FinishedTask, queuedTaskIn } from "./queued-task.ts";
import { startTask, TaskError, type TaskProcess } from "./task-process.ts";

/*
 * A worker renews the lock of its task twice in this time. A worker that is killed does not, and within LOCK and one look of
 * another worker its task is taken again: 4.1 s were measured, 59 s with the defaults of BullMQ.
 */
const LOCK_MILLISECONDS = 3000;
const LOOK_MILLISECONDS = 2000;
/** The number of workers that a task may lose, since workers may run on machines that come and go. */
const MOST_LOST_WORKERS = 100;
/** Milliseconds between two looks whether the worker is idle. */
const IDLE_LOOK_MILLISECONDS = 250;

export interface WorkerOptions {
  readonly url: string;
  /** The folder below which plans are read, or a place in a bucket. */
  readonly root: string;
  /** The number of tasks at a time. */
  readonly tasks: number;
  /** Options of `midx build-task`. */
  readonly taskOptions: readonly string[];
  /** The number of seconds without a task after which the worker ends. Default: never. */
  readonly idle?: number;
}

/** Takes tasks from the queue until the command is interrupted or idle. Returns the number of finished tasks. */
export async function runWorker(bullmq: BullMq, options: WorkerOptions, io: Io): Promise<number> {
  const running = new Set<TaskProcess>();
  const name = `${hostname()}:${process.pid}`;
  let finished = 0;
  let lastTime = performance.now();
  const work = async (job: Job): Promise<FinishedTask> => {
    const queued = queuedTaskIn(job.data, options.root);
    const task = startTask(queued, options.taskOptions, progressOf(job));
    running.add(task);
    printLines(io.stderr, [`${queued.task}: taken`]);
    try {
      const { outcome, seconds, line } = await task.finished;
      finished++;
      printLines(io.stdout, [line]);
      return { outcome, seconds, worker: name, line };
    } catch (error) {
      throw explained(bullmq, error);
    } finally {
      running.delete(task);
      lastTime = performance.now();
    }
  };
  const worker = new bullmq.Worker(QUEUE_NAME, work, {
    connection: connectionTo(options.url),
    concurrency: options.tasks,
    lockDuration: LOCK_MILLISECONDS,
    stalledInterval: LOOK_MILLISECONDS,
    maxStalledCount: MOST_LOST_WORKERS,
  });
  worker.on("failed", (job, { message }) =>
    printLines(io.stderr, [`${job?.data.task ?? "a task"} failed: ${message}`]),
  );
  try {
    await waitForQueue(worker, options.url);
    printLines(io.stderr, [`waiting for tasks from ${withoutPassword(options.url)}`]);
    const isIdle = (): boolean =>
      running.size === 0 && performance.now() - lastTime > (options.idle ?? Number.POSITIVE_INFINITY) * 1000;
    while (!isIdle()) await sleep(IDLE_LOOK_MILLISECONDS, undefined, { signal: io.signal });
    return finished;
  } finally {
    for (const task of running) task.kill();
    await closeWorker(worker);
  }
}

/** Closes a worker without waiting for its tasks, which others take when their locks end. */
const closeWorker = (worker: Worker): Promise<void> => worker.close(true);

/** A RangeError or the end of a task that would end in the same way again is not tried again. */
function explained(bullmq: BullMq, error: unknown): unknown {
  const isRefused = error instanceof RangeError && !isFailedAllocation(error);
  const isFinal = isRefused || (error instanceof TaskError && error.isFinal);
  return isFinal ? new bullmq.UnrecoverableError((error as Error).message) : error;
}
