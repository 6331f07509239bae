import type { Manifest } from "../../publication/manifest.ts";
import { versionOfParts } from "../../publication/manifest.ts";
import { partName } from "../files/part-names.ts";
import { sha256OfFile } from "./file-hash.ts";
import { type MeasuredAnswers, measureAnswers } from "./measured-answers.ts";
import type { BuiltPart } from "./part-task.ts";
import { neededRecord, type TaskFile, type TaskRecord } from "./task-folder.ts";
import type { TaskRun } from "./task-run.ts";

/** The result of the measurement. */
export interface Measured {
  /** The manifest, before it has its generation. */
  readonly manifest: Omit<Manifest, "generation">;
  /** The measurements of merged answers, or the reason why there are none. */
  readonly measures: MeasuredAnswers["text"];
}

/**
 * Reads every byte of every part again, and measures the recall and the calibration of all of them together. The parts are the
 * files of its record, so that it counts as finished only for as long as they are there: a manifest must not name others.
 */
export async function runMeasure(run: TaskRun): Promise<Pick<TaskRecord<Measured>, "files" | "result">> {
  const { tasks, progress } = run;
  const { plan, files: held } = tasks;
  const parts = [];
  const measured: TaskFile[] = [];
  let hasLabels = false;
  for (const { number, firstRow } of plan.parts) {
    progress.report({ phase: "verify", done: number, total: plan.parts.length });
    const { files, result } = await neededRecord<BuiltPart>(tasks, { name: partName(number) });
    const [built] = files as [TaskFile];
    const { file, sha256, byteLength } = built;
    const found = await sha256OfFile(() => held.open(file));
    if (found.sha256 !== sha256) {
      throw new Error(`${held.shown(file)} is damaged: remove it, and run the task ${partName(number)} again`);
    }
    hasLabels = result.hasLabels;
    const { classes, memoryBytes } = result;
    measured.push(built);
    parts.push({ number, file, sha256, byteLength, classes, idBase: firstRow, memoryBytes });
  }
  const { metric, space, version = await versionOfParts(parts) } = plan.settings;
  const facts = { dim: plan.dim, metric, hasLabels, ...(space !== undefined && { space }) };
  const { text, measures } = await measureAnswers(run, parts);
  const manifest = { version, classes: plan.itemCount, facts, parts, ...measures, log: null };
  return { files: measured, result: { manifest, measures: text } };
}
