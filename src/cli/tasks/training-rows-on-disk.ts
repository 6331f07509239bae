import { dirname } from "node:path";
import type { Workspace } from "../../train/rows/workspace.ts";
import { diskTrainingRows } from "../scratch/disk-training-rows.ts";
import { openScratch } from "../scratch/scratch-file.ts";
import { SAMPLE_FILE, type TaskFolder } from "./task-folder.ts";

/** Runs an action with a scratch file for the rows of the training sample, so that no task holds them in memory. */
export function withTrainingRows<T>(
  { files }: TaskFolder,
  action: (trainingRows: Workspace["trainingRows"]) => Promise<T>,
): Promise<T> {
  return files.withScratch(SAMPLE_FILE, async (path) => {
    const scratch = openScratch(dirname(path));
    try {
      return await action((rowCount, dim) => diskTrainingRows(rowCount, dim, scratch));
    } finally {
      scratch.close();
    }
  });
}
