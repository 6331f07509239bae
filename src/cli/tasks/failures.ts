import { messageOf } from "../process/error-message.ts";
import { failureFile, type TaskFolder } from "./task-folder.ts";
import type { BuildTask } from "./task-names.ts";

/** The note of a task that failed, for those that wait for it. */
interface Failure {
  readonly plan: string;
  readonly task: string;
  readonly message: string;
}

/** Removes the note of a task that is started again. A folder that nobody may write to has none. */
export const forgetFailure = (tasks: TaskFolder, { name }: Pick<BuildTask, "name">): Promise<void> =>
  tasks.files.remove(failureFile(tasks, name)).catch(() => {});

/** Runs a task, and notes its failure beside the records. An interrupted task notes none, and a killed one cannot. */
export async function notingFailure<T>(
  tasks: TaskFolder,
  { name }: Pick<BuildTask, "name">,
  signal: AbortSignal,
  run: () => Promise<T>,
): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!signal.aborted) {
      const failure: Failure = { plan: tasks.planId, task: name, message: messageOf(error) ?? "" };
      // The error of the task is the one to report, also where this note cannot be written.
      await tasks.files
        .write(failureFile(tasks, name), new TextEncoder().encode(`${JSON.stringify(failure)}\n`))
        .catch(() => {});
    }
    throw error;
  }
}

/** Returns the message of a task that failed and was not started again. Undefined for a note of something else. */
export async function failureOf(tasks: TaskFolder, { name }: Pick<BuildTask, "name">): Promise<string | undefined> {
  const found = await tasks.files.read(failureFile(tasks, name));
  if (found === undefined) return undefined;
  try {
    const { plan, task, message } = JSON.parse(new TextDecoder().decode(found.bytes)) as Failure;
    return plan === tasks.planId && task === name ? String(message) : undefined;
  } catch {
    return undefined; // a note is no reason to fail
  }
}
