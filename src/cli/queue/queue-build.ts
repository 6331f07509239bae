import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { FlowJob, Job, QueueEvents } from "bullmq";
import type { Progress } from "../output/progress.ts";
import { type Io, printLines } from "../process/io.ts";
import { withoutPassword } from "../process/without-password.ts";
import { type BuildPlan, planId } from "../tasks/plan.ts";
import { type BuildTask, tasksOf } from "../tasks/task-names.ts";
import { type BullMq, connectionTo, QUEUE_NAME, waitForQueue } from "./bullmq.ts";
import type { FinishedTask, QueuedTask } from "./queued-task.ts";
import { Tally } from "./tally.ts";

export interface QueuedBuild {
  readonly url: string;
  readonly plan: BuildPlan;
  /** The path of the plan, as workers find it. */
  readonly planPath: string;
  readonly progress: Progress;
  readonly onFinished: (task: BuildTask, finished: FinishedTask) => void;
}

/** A task is tried again if its process ends without a reason that would be the same the next time. */
const ATTEMPTS = 3;
const BACKOFF_MILLISECONDS = 500;
/** The number of seconds for which the queue keeps the outcome of a task. */
const KEPT_SECONDS = 86400;
/** Milliseconds between two looks whether the queue still has the tasks. */
const LOOK_MILLISECONDS = 2000;

/**
 * Puts the tasks of a plan into the queue and waits until workers have finished all of them. First come sample and training,
 * then all parts at a time, the measurement behind them, and the manifest. Returns the outcome of each task.
 */
export async function queueBuild(bullmq: BullMq, build: QueuedBuild, io: Io): Promise<Tally> {
  const connection = connectionTo(build.url);
  const flows = new bullmq.FlowProducer({ connection });
  const tally = new Tally(tasksOf(build.plan), build.progress, build.onFinished);
  let events: QueueEvents | undefined;
  try {
    await waitForQueue(flows, build.url);
    // Only now, as events that have never connected cannot be closed. From the first event on: "only new ones" would lose those that
    // come before the first read is on its way, and with the last of a tree the planner would wait for ever. Events of other
    // builds are skipped by their ids.
    events = new bullmq.QueueEvents(QUEUE_NAME, { connection, lastEventId: "0-0" });
    await waitForQueue(events, build.url);
    const run = `${planId(build.plan).slice(0, 12)}-${randomBytes(6).toString("hex")}`;
    follow(events, tally, run);
    printLines(io.stderr, [`tasks wait in ${withoutPassword(build.url)} for midx worker`]);
    for (const stage of stagesOf(build, run)) {
      const { job } = await flows.add(stage);
      await finish(job, events, tally, io.signal);
    }
    return tally;
  } finally {
    await Promise.allSettled([events?.close(), flows.close()]);
  }
}

/** Returns the trees of jobs. A job waits for its children, and the second tree is added when the first one is finished. */
function stagesOf({ plan, planPath }: QueuedBuild, run: string): FlowJob[] {
  const tasks = tasksOf(plan);
  const id = planId(plan);
  const job = ({ name }: BuildTask, children: FlowJob[] = []): FlowJob =>
    ({
      name,
      queueName: QUEUE_NAME,
      data: { plan: planPath, planId: id, task: name } satisfies QueuedTask,
      opts: {
        jobId: `${run}-${name}`,
        attempts: ATTEMPTS,
        backoff: { type: "fixed", delay: BACKOFF_MILLISECONDS },
        removeOnComplete: { age: KEPT_SECONDS },
        removeOnFail: { age: KEPT_SECONDS },
        failParentOnFailure: true,
      },
      ...(children.length > 0 && { children }),
    }) as FlowJob;
  const of = (kind: BuildTask["kind"]): BuildTask[] => tasks.filter((task) => task.kind === kind);
  const only = (kind: "sample" | "train" | "measure" | "commit"): BuildTask => of(kind)[0] as BuildTask;
  const parts = of("part").map((task) => job(task));
  return [job(only("train"), [job(only("sample"))]), job(only("commit"), [job(only("measure"), parts)])];
}

/** Notes the events of the queue about the tasks of this run. */
function follow(events: QueueEvents, tally: Tally, run: string): void {
  const nameOf = (jobId: string): string | undefined =>
    jobId.startsWith(`${run}-`) ? jobId.slice(run.length + 1) : undefined;
  const on = (jobId: string, note: (name: string) => void): void => {
    const name = nameOf(jobId);
    if (name !== undefined) note(name);
  };
  events.on("progress", ({ jobId, data }) => on(jobId, (name) => tally.advance(name, data)));
  events.on("stalled", ({ jobId }) => on(jobId, (name) => tally.lose(name)));
  events.on("completed", ({ jobId, returnvalue }) => on(jobId, (name) => tally.finish(name, returnvalue)));
  events.on("failed", ({ jobId, failedReason }) => on(jobId, (name) => tally.fail(name, failedReason)));
}

/** Rejects once the queue no longer has a job, whose end no event will tell. Never resolves. */
async function vanished(root: Job, signal: AbortSignal): Promise<never> {
  while ((await root.getState()) !== "unknown") await sleep(LOOK_MILLISECONDS, undefined, { signal });
  throw new Error(
    "the queue has lost its tasks: see that it keeps its data, and run this again; finished tasks are kept",
  );
}

/** Waits for the root of a tree. If it fails or the user interrupts the command, tasks that nobody has taken are removed. */
async function finish(root: Job, events: QueueEvents, tally: Tally, signal: AbortSignal): Promise<void> {
  const ended = new AbortController();
  const interrupted = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    if (signal.aborted) reject(signal.reason);
  });
  try {
    await Promise.race([root.waitUntilFinished(events), interrupted, vanished(root, ended.signal)]);
  } catch (error) {
    await root.removeUnprocessedChildren().catch(() => {}); // workers that find a task anyway do it for nothing
    await root.remove().catch(() => {});
    signal.throwIfAborted();
    throw tally.failure() ?? error;
  } finally {
    ended.abort();
  }
}
