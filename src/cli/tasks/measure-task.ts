import { join } from "node:path";
import type { Manifest } from "../../publication/manifest.ts";
import { versionOfParts } from "../../publication/manifest.ts";
import { sha256OfFile } from "./file-hash.ts";
import type { BuiltPart } from "./part-task.ts";
import { neededRecord, type TaskFile, type TaskRecord } from "./task-folder.ts";
import { partName } from "./task-names.ts";
import type { TaskRun } from "./task-run.ts";

/** The manifest, before it has its generation. */
export type Measured = Omit<Manifest, "generation">;

/** Reads every byte of every part again, and says what is known about all of them together. */
export async function runMeasure({
  tasks,
  progress,
}: TaskRun): Promise<Pick<TaskRecord<Measured>, "files" | "result">> {
  const { plan, folder } = tasks;
  const parts = [];
  let hasLabels = false;
  for (const { number, firstRow } of plan.parts) {
    progress.report({ phase: "verify", done: number, total: plan.parts.length });
    const { files, result } = await neededRecord<BuiltPart>(tasks, { name: partName(number) });
    const { file, sha256, byteLength } = files[0] as TaskFile;
    const found = await sha256OfFile(join(folder, file));
    if (found.sha256 !== sha256) {
      throw new Error(`${join(folder, file)} is damaged: remove it, and run the task ${partName(number)} again`);
    }
    hasLabels = result.hasLabels;
    const { classes, memoryBytes } = result;
    parts.push({ number, file, sha256, byteLength, classes, idBase: firstRow, memoryBytes });
  }
  const { metric, version = await versionOfParts(parts) } = plan.settings;
  const facts = { dim: plan.dim, metric, hasLabels };
  const result = { version, classes: plan.itemCount, facts, parts, recallCurves: null, calibration: null, log: null };
  return { files: [], result };
}
