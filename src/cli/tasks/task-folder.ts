import { tmpdir } from "node:os";
import { FormatError } from "../../bytes/format-error.ts";
import type { Io } from "../process/io.ts";
import { sweepFolder } from "../process/temporary-files.ts";
import { isInBucket, isRemote } from "../remote/address.ts";
import { bucketPlace, type OpenRemote, type RemoteOptions, remoteFiles } from "../remote/remote-files.ts";
import { filesInBucket } from "./bucket-files.ts";
import { checkExpectedPlan } from "./expected-plan.ts";
import { sha256OfFile } from "./file-hash.ts";
import { type BuildPlan, planId } from "./plan.ts";
import { checkPortable } from "./plan-paths.ts";
import { filesInFolder, type TaskFiles } from "./task-files.ts";
import { type BuildTask, tasksOf } from "./task-names.ts";

/** A file that a task wrote, relative to the folder of the plan. */
export interface TaskFile {
  readonly file: string;
  readonly sha256: string;
  readonly byteLength: number;
}

/** The record of a finished task. It is written after the task's files, so it shows that these are complete. */
export interface TaskRecord<Result = unknown> {
  readonly plan: string;
  readonly task: string;
  /** The files that the task wrote. Those of the measurement are the parts that it measured. */
  readonly files: readonly TaskFile[];
  readonly result: Result;
}

/** The folder of a plan, or its place in a bucket, with its files. Tasks of different plans have different folders. */
export interface TaskFolder {
  /**
   * The folder of the plan, in which parts and manifest are written. It has the form in which the caller named it, and may be a
   * URL.
   */
  readonly folder: string;
  readonly files: TaskFiles;
  /** The folder of the records, relative to the other one. */
  readonly work: string;
  readonly plan: BuildPlan;
  readonly planId: string;
  readonly openRemote: OpenRemote;
}

/** Opens the folder of a plan that this command made, so that the user named its URLs, or `isForeign` a plan that was given. */
export function openTaskFolder(
  folder: string,
  plan: BuildPlan,
  io: Io,
  { isForeign, ...options }: RemoteOptions & { readonly isForeign: boolean },
): TaskFolder {
  if (isForeign) checkPortable(plan, folder);
  const id = planId(plan);
  if (isForeign) checkExpectedPlan(folder, id, io.env);
  const pins = new Map(
    plan.fingerprints.flatMap(({ path, byteLength, validator }) =>
      validator === undefined ? [] : [[path, { byteLength, validator }] as const],
    ),
  );
  const named = plan.fingerprints.flatMap(({ path }) => (isRemote(path) ? [new URL(path).host] : []));
  const hosts = isForeign ? (options.allowHost ?? []) : named;
  return {
    folder,
    work: `tasks-${id.slice(0, 12)}`,
    plan,
    planId: id,
    files: taskFilesAt(folder, io, options),
    openRemote: remoteFiles(io, options, { pins, hosts }),
  };
}

/** Returns the files of a folder, or of a place in a bucket. */
export function taskFilesAt(folder: string, io: Io, options: RemoteOptions): TaskFiles {
  const place = bucketPlace(folder, io, options);
  return place ? filesInBucket(place) : filesInFolder(folder);
}

/** Removes the scratch files that killed commands have left. */
export const sweepScratch = (folder: string, io: Io): Promise<void> =>
  sweepFolder(isInBucket(folder) ? tmpdir() : folder, io);

const recordName = (task: string): string => `${task}.json`;

const failureName = (task: string): string => `${task}.failed.json`;

/** Returns the file that notes the failure of a task. */
export const failureFile = ({ work }: TaskFolder, task: string): string => `${work}/${failureName(task)}`;

const recordFile = ({ work }: TaskFolder, task: string): string => `${work}/${recordName(task)}`;

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
  const record = await storedRecord<Result>(tasks, task);
  return record && (await firstMissing(tasks, record)) === undefined ? record : undefined;
}

/** Reads a record, whether its files are there or not. Undefined if there is none. */
async function storedRecord<Result>(
  tasks: TaskFolder,
  task: Pick<BuildTask, "name">,
): Promise<TaskRecord<Result> | undefined> {
  const file = recordFile(tasks, task.name);
  const path = tasks.files.shown(file);
  const found = await tasks.files.read(file);
  if (found === undefined) return undefined;
  const record = recordIn(new TextDecoder().decode(found.bytes), path);
  for (const [field, expected] of [
    ["plan", tasks.planId],
    ["task", task.name],
  ] as const) {
    if (record[field] === expected) continue;
    const problem = `"${field}" expected ${expected}, got ${record[field]}`;
    throw new FormatError("task", 0, `${path}: ${problem}: it belongs to another build, so remove ${tasks.work}`);
  }
  return record as TaskRecord<Result>;
}

/** Returns the first file of a record that is gone, or is not the one that the task wrote. */
async function firstMissing(tasks: TaskFolder, { files }: TaskRecord): Promise<TaskFile | undefined> {
  for (const file of files) if (!(await isThere(tasks, file))) return file;
  return undefined;
}

/** The largest file whose bytes are compared whenever its record is read. The measurement compares those of the parts. */
const SMALL_BYTES = 2 ** 24;

async function isThere({ files }: TaskFolder, { file, byteLength, sha256 }: TaskFile): Promise<boolean> {
  if ((await files.byteLengthOf(file)) !== byteLength) return false;
  return !files.mayTear || byteLength > SMALL_BYTES || (await sha256OfFile(() => files.open(file))).sha256 === sha256;
}

function recordIn(text: string, path: string): TaskRecord {
  try {
    const record = JSON.parse(text) as TaskRecord;
    if (Array.isArray(record.files)) return record;
  } catch {
    // The message below is also right for a text that is not JSON.
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
  await tasks.files.write(
    recordFile(tasks, task.name),
    new TextEncoder().encode(`${JSON.stringify(record, undefined, 2)}\n`),
  );
  return record;
}

/** Reads the record of a task that must be finished. */
export async function neededRecord<Result>(
  tasks: TaskFolder,
  task: Pick<BuildTask, "name">,
): Promise<TaskRecord<Result>> {
  const record = await storedRecord<Result>(tasks, task);
  const missing = record && (await firstMissing(tasks, record));
  if (record && !missing) return record;
  const why = missing ? `, since ${tasks.files.shown(missing.file)} is gone or has changed` : "";
  throw new Error(`the task ${task.name} is not finished${why}: run it first, or wait for it with --wait`);
}

/** The file of the training sample, and of the codebooks, in the folder of the records. */
export const SAMPLE_FILE = "sample.safetensors";
export const CODEBOOKS_FILE = "codebooks.safetensors";

/** Removes the records of a plan and the notes of failures, and those files of its tasks that are not parts. */
export async function removeWork(tasks: TaskFolder): Promise<void> {
  const records = tasksOf(tasks.plan).flatMap(({ name }) => [recordName(name), failureName(name)]);
  await tasks.files.removeFolder(tasks.work, [...records, SAMPLE_FILE, CODEBOOKS_FILE]);
}
