import { ADDRESSABLE_BYTES } from "../../memory/addressable-bytes.ts";
import type { TablePart } from "../evaluating/table-part.ts";
import { surveyBytes, surveyTable, type TableSurvey } from "../evaluating/table-survey.ts";
import { loadHere } from "../files/load-here.ts";
import { partName } from "../files/part-names.ts";
import { RUNTIME_BYTES } from "../streaming/memory-shares.ts";
import { GARBAGE_BYTES } from "../streaming/recall-shares.ts";
import { HashedFile } from "./file-hash.ts";
import type { BuiltPart } from "./part-task.ts";
import type { TaskFile } from "./task-folder.ts";
import type { TaskRun } from "./task-run.ts";

/** A part with its record. */
export interface RecordedPart extends Pick<BuiltPart, "classes" | "memoryBytes"> {
  readonly number: number;
  readonly record: TaskFile;
}

interface CheckedParts {
  /** Undefined if there is no room for it. */
  readonly survey: TableSurvey | undefined;
  /** Says why there is no survey. */
  readonly text: string;
  /** The parts, each of which is checked and loaded when it is used. */
  readonly tableParts: readonly TablePart[];
}

const MIB = 2 ** 20;

/**
 * Compares every byte of every part with its record, and surveys the rows in the same pass.
 *
 * @throws Error for a part that is damaged
 */
export async function checkedParts(run: TaskRun, parts: readonly RecordedPart[]): Promise<CheckedParts> {
  const { plan } = run.tasks;
  const { maxMemory = Number.POSITIVE_INFINITY } = plan.settings;
  const tableParts = parts.map(
    (part, done): TablePart => ({
      classes: part.classes,
      use: (action) =>
        withHashed(run, part, done, async (file) => {
          const loading = loadHere(file.stream());
          await loading.catch(() => {}); // what is damaged says so itself
          await checkHash(run, part, file);
          const index = await loading;
          try {
            return await action(index);
          } finally {
            index.dispose();
          }
        }),
    }),
  );
  const needed = neededMib(parts, plan);
  const canOpen = parts.every(({ memoryBytes }) => memoryBytes <= ADDRESSABLE_BYTES);
  if (canOpen && needed <= maxMemory) return { survey: await surveyTable(tableParts), text: "", tableParts };
  for (const [done, part] of parts.entries()) {
    await withHashed(run, part, done, (file) => checkHash(run, part, file));
  }
  const why = canOpen ? `which takes --max-memory ${needed}` : "because a part is too large to be opened";
  return { survey: undefined, text: `; rows not looked at, ${why}`, tableParts };
}

/** Returns the memory of a survey. The garbage collector may not have freed a part when the next is opened. */
function neededMib(parts: readonly RecordedPart[], { itemCount, dim }: TaskRun["tasks"]["plan"]): number {
  const loaded = 2 * Math.max(...parts.map(({ memoryBytes }) => memoryBytes));
  return Math.ceil((RUNTIME_BYTES + loaded + surveyBytes(itemCount, dim) + GARBAGE_BYTES) / MIB);
}

/** Opens the file of a part, and closes it after an action. */
async function withHashed<T>(
  { tasks, progress, io }: TaskRun,
  { record }: RecordedPart,
  done: number,
  action: (file: HashedFile) => Promise<T>,
): Promise<T> {
  io.signal.throwIfAborted();
  progress.report({ phase: "verify", done, total: tasks.plan.parts.length });
  const file = await tasks.files.open(record.file);
  try {
    return await action(new HashedFile(file));
  } finally {
    await file.close();
  }
}

async function checkHash({ tasks }: TaskRun, { number, record }: RecordedPart, file: HashedFile): Promise<void> {
  if ((await file.sha256()) === record.sha256) return;
  const place = tasks.files.shown(record.file);
  throw new Error(`${place} is damaged: remove it, and run the task ${partName(number)} again`);
}
