import { isAbsolute, join, relative } from "node:path";
import { addressOf, isInBucket } from "../remote/address.ts";

/** The data of a task in the queue. Rows, codebooks and parts never go through it. */
export interface QueuedTask {
  /** The path of the plan, relative to the folder in which planner and workers run, or its URL in a bucket. */
  readonly plan: string;
  /** The id of the plan, for another build may replace the plan at that path. */
  readonly planId: string;
  /** The name of the task. */
  readonly task: string;
}

/** The report of a worker about a task that it finished. */
export interface FinishedTask {
  readonly outcome: "done" | "kept";
  readonly seconds: number;
  /** The machine and the process of the worker. */
  readonly worker: string;
  /** The report of the task, on one line. */
  readonly line: string;
}

/** Returns the path by which workers find a plan. RangeError if it is not below `root`, since only files there are shared. */
export function planBelow(root: string, plan: string): string {
  const path = relative(root, plan);
  if (isBelow(path)) return path.replaceAll("\\", "/");
  throw new RangeError(`'--queue' expected '--output' in the folder that workers run in, ${root}, got ${plan}`);
}

/** Reads a task from the queue, which others may write to: it names a plan below `root`, and a task of a plan. */
export function queuedTaskIn(data: unknown, root: string): QueuedTask {
  const { plan, planId, task } = objectIn(data) as Partial<QueuedTask>;
  const found = typeof plan === "string" && plan.endsWith(".json") ? planUnder(root, plan) : undefined;
  if (found === undefined) {
    throw new RangeError(
      `"plan" expected the path of a plan below ${root}, the --folder of the worker, got ${JSON.stringify(plan)}`,
    );
  }
  if (typeof task !== "string" || !/^(?:sample|train|part-\d{4}|measure|commit)$/.test(task)) {
    throw new RangeError(`"task" expected the name of a task, got ${JSON.stringify(task)}`);
  }
  if (typeof planId !== "string" || !/^[0-9a-f]{64}$/.test(planId)) {
    const got = `"planId" expected 64 hex digits, got ${JSON.stringify(planId)}`;
    throw new RangeError(`${got}: planner and workers need the same version of midx`);
  }
  return { plan: found, planId, task };
}

/** Reads the report of a worker from an event of the queue, which others may write to. Undefined if it is no report. */
export function finishedTaskIn(value: unknown): FinishedTask | undefined {
  const { outcome, seconds, worker, line } = objectIn(
    typeof value === "string" ? parsed(value) : value,
  ) as Partial<FinishedTask>;
  if (outcome !== "done" && outcome !== "kept") return undefined;
  if (typeof seconds !== "number" || typeof worker !== "string" || typeof line !== "string") return undefined;
  return { outcome, seconds, worker, line };
}

const objectIn = (value: unknown): object => (typeof value === "object" && value !== null ? value : {});

/** Returns the value of a JSON text, undefined for any other text. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Returns the path or URL of a plan if it is below the folder or the place in a bucket. */
function planUnder(root: string, plan: string): string | undefined {
  if (!isInBucket(root)) return isBelow(plan) && !/^-|^s3:/i.test(plan) ? join(root, plan) : undefined;
  return plan.startsWith(`${root.replace(/\/$/, "")}/`) && addressOf(plan).kind === "bucket" ? plan : undefined;
}

const isBelow = (path: string): boolean =>
  path !== "" && !isAbsolute(path) && path.split(/[\\/]/).every((step) => step !== "..");
