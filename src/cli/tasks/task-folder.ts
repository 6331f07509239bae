import { mkdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { FormatError } from "../../bytes/format-error.ts";
import { replaceFile } from "../files/replace-file.ts";
import { sha256OfFile } from "./file-hash.ts";
import { type BuildPlan, planId } from "./plan.ts";
import type { BuildTask } from "./task-names.ts";

/** A file that a task wrote, relative to the folder of the plan. */
export interface TaskFile {
  readonly file: string;
  readonly sha256: string;
  readonly byteLength: number;
}

/** What a finished task says. It is written after the task's files, so that it stands for complete ones. */
export interface TaskRecord<Result = unknown> {
  readonly plan: string;
  readonly task: string;
  readonly files: readonly TaskFile[];
  readonly result: Result;
}

/** The folder of a plan, and what is read there. Tasks of different plans have different folders in it. */
export interface TaskFolder {
  /** The folder of the plan, in which parts and manifest are written. */
  readonly folder: string;
  /** The folder of the records, relative to the other one. */
  readonly work: string;
  readonly plan: BuildPlan;
  readonly planId: string;
}

export async function openTaskFolder(folder: string, plan: BuildPlan): Promise<TaskFolder> {
  const id = planId(plan);
  const work = workFolder(id);
  await mkdir(join(folder, work), { recursive: true });
  return { folder, work, plan, planId: id };
}

const WORK_PREFIX = "tasks-";

const workFolder = (id: string): string => `${WORK_PREFIX}${id.slice(0, 12)}`;

const recordPath = ({ folder, work }: TaskFolder, { name }: Pick<BuildTask, "name">): string =>
  join(folder, work, `${name}.json`);

/**
 * Reads the record of a finished task. Undefined if the task is not finished, or if one of its files is gone or has another
 * length.
 *
 * @throws FormatError if the record belongs to another plan or task
 */
export async function readRecord<Result>(
  tasks: TaskFolder,
  task: Pick<BuildTask, "name">,
): Promise<TaskRecord<Result> | undefined> {
  const path = recordPath(tasks, task);
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  const record = recordIn(text, path);
  for (const [field, expected] of [
    ["plan", tasks.planId],
    ["task", task.name],
  ] as const) {
    if (record[field] === expected) continue;
    const problem = `"${field}" expected ${expected}, got ${record[field]}`;
    throw new FormatError("task", 0, `${path}: ${problem}: it belongs to another build, so remove ${tasks.work}`);
  }
  for (const file of record.files) if (!(await isThere(tasks, file))) return undefined;
  return record as TaskRecord<Result>;
}

/** The largest file whose bytes are compared whenever its record is read. The measurement compares those of the parts. */
const SMALL_BYTES = 2 ** 24;

async function isThere({ folder }: TaskFolder, { file, byteLength, sha256 }: TaskFile): Promise<boolean> {
  const path = join(folder, file);
  const found = await stat(path).catch(() => undefined);
  if (found?.size !== byteLength) return false;
  return byteLength > SMALL_BYTES || (await sha256OfFile(path)).sha256 === sha256;
}

function recordIn(text: string, path: string): TaskRecord {
  try {
    const record = JSON.parse(text) as TaskRecord;
    if (Array.isArray(record.files)) return record;
  } catch {
    // The message below says the same for a text that is not JSON.
  }
  throw new FormatError("task", 0, `${path}: expected the record of a task, got something else: remove it`);
}

/** Writes the record of a task, whose files are complete. */
export async function writeRecord<Result>(
  tasks: TaskFolder,
  task: Pick<BuildTask, "name">,
  done: Pick<TaskRecord<Result>, "files" | "result">,
): Promise<TaskRecord<Result>> {
  const record = { plan: tasks.planId, task: task.name, files: done.files, result: done.result };
  await replaceFile(recordPath(tasks, task), Buffer.from(`${JSON.stringify(record, undefined, 2)}\n`));
  return record;
}

/** Reads the record of a task that must be finished. */
export async function neededRecord<Result>(
  tasks: TaskFolder,
  task: Pick<BuildTask, "name">,
): Promise<TaskRecord<Result>> {
  const record = await readRecord<Result>(tasks, task);
  if (record) return record;
  throw new Error(`the task ${task.name} is not finished: run it first, or wait for it with --wait`);
}
