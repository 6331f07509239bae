import { type Manifest, type ManifestPart, versionOfParts } from "../../publication/manifest.ts";
import { lossyRowWarnings } from "../building/lossy-rows.ts";
import { surveyWarnings } from "../evaluating/table-warnings.ts";
import { partName } from "../files/part-names.ts";
import { checkedParts, type RecordedPart } from "./checked-parts.ts";
import { type MeasuredAnswers, measureAnswers } from "./measured-answers.ts";
import type { BuiltPart } from "./part-task.ts";
import { neededRecord, type TaskFile, type TaskFolder, type TaskRecord } from "./task-folder.ts";
import type { TaskRun } from "./task-run.ts";

/** The result of the measurement. */
export interface Measured {
  /** The manifest, before it has its generation. */
  readonly manifest: Omit<Manifest, "generation">;
  /** The measurements of merged answers, or the reason why there are none. */
  readonly measures: MeasuredAnswers["text"];
  /** The properties that make the rows of the table hard to index or to store. */
  readonly warnings: readonly string[];
}

/**
 * Reads every byte of every part again, and measures the recall and the calibration of all of them together. The parts are the
 * files of its record, so that it counts as finished only for as long as they are there: a manifest must not name others.
 */
export async function runMeasure(run: TaskRun): Promise<Pick<TaskRecord<Measured>, "files" | "result">> {
  const { plan } = run.tasks;
  const built = await builtParts(run.tasks);
  const parts = built.map(({ number, firstRow, record, classes, memoryBytes }): ManifestPart => {
    const { file, sha256, byteLength } = record;
    return { number, file, sha256, byteLength, classes, idBase: firstRow, memoryBytes };
  });
  const { metric, rowType, space, version = await versionOfParts(parts) } = plan.settings;
  const hasLabels = built.at(-1)?.hasLabels ?? false;
  const facts = { dim: plan.dim, metric, hasLabels, ...(space !== undefined && { space }) };
  const { survey, text: surveyed, tableParts } = await checkedParts(run, built);
  const { text, measures } = await measureAnswers(run, parts);
  const lossy = lossyRowWarnings(rowType, Math.max(...built.map(({ report }) => report.rowError)));
  const warnings = [...(survey ? await surveyWarnings(survey, tableParts, measures) : []), ...lossy];
  const manifest = { version, classes: plan.itemCount, facts, parts, ...measures, log: null };
  return {
    files: built.map(({ record }) => record),
    result: { manifest, measures: `${text}${surveyed}`, warnings },
  };
}

type PartOfBuild = RecordedPart & BuiltPart & { readonly firstRow: number };

/** Reads the records of all parts. */
async function builtParts(tasks: TaskFolder): Promise<PartOfBuild[]> {
  const built: PartOfBuild[] = [];
  for (const { number, firstRow } of tasks.plan.parts) {
    const { files, result } = await neededRecord<BuiltPart>(tasks, { name: partName(number) });
    built.push({ ...result, number, firstRow, record: files[0] as TaskFile });
  }
  return built;
}
