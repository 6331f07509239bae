import { MANIFEST_NAME } from "../files/file-kind.ts";
import { factLines } from "../output/table.ts";
import { shellWord } from "../process/shell-word.ts";
import type { Committed } from "./commit-task.ts";
import type { Measured } from "./measure-task.ts";
import type { BuiltPart } from "./part-task.ts";
import type { BuildPlan } from "./plan.ts";
import { pathIn } from "./plan-paths.ts";
import type { TaskOutcome } from "./run-task.ts";
import type { Sampled } from "./sample-task.ts";
import { tasksOf } from "./task-names.ts";

/** Describes the outcome of a task on one line. */
export function outcomeLine({ task, outcome, record, seconds }: TaskOutcome): string {
  const done = `${task.name}: ${summaryOf(task.kind, record.result, record.files[0])}`;
  return outcome === "kept"
    ? `${done}; it was finished before, so nothing was done`
    : `${done}, ${seconds.toFixed(2)} s`;
}

function summaryOf(
  kind: TaskOutcome["task"]["kind"],
  result: unknown,
  file: { file: string; byteLength: number } | undefined,
) {
  if (kind === "sample") return `${(result as Sampled).sampleRows} rows for the codebooks`;
  if (kind === "train") return "the codebooks of all parts";
  if (kind === "measure") return `every part is complete, ${(result as Measured).measures}`;
  if (kind === "commit") return `${file?.file}, ${generationText(result as Committed)}`;
  const { classes, isCalibrated } = result as BuiltPart;
  return `${file?.file}, ${classes} classes, ${file?.byteLength} bytes${isCalibrated ? "" : ", error bars not calibrated"}`;
}

const generationText = ({ generation }: Committed): string => `generation ${generation.slice(0, 12)}`;

/** Returns the outcome of a task, for --json. */
export const outcomeEvent = ({ task, outcome, record, seconds }: TaskOutcome) => ({
  event: "task",
  index: task.index,
  task: task.name,
  outcome,
  seconds,
  files: record.files,
  result: record.result,
  line: outcomeLine({ task, outcome, record, seconds }),
});

/** Describes the outcome of a build in parts. */
export const committedLines = (folder: string, { version, generation, classes, parts }: Committed): string[] =>
  factLines([
    ["wrote", pathIn(folder, MANIFEST_NAME)],
    ["version", version],
    ["parts", parts],
    ["classes", classes],
    ["generation", generation],
  ]);

/** Describes a plan, and the commands that run it. */
export function planLines(path: string, plan: BuildPlan): string[] {
  const count = tasksOf(plan).length;
  return [
    ...factLines([
      ["wrote", path],
      ["rows", `${plan.itemCount} × ${plan.dim}`],
      ["parts", `${plan.parts.length} of at most ${Math.max(...plan.parts.map(({ rows }) => rows))} rows`],
      ["tasks", `0 sample, 1 train, 2 … ${count - 3} parts, ${count - 2} measure, ${count - 1} commit`],
    ]),
    "",
    `run them in this order, parts at the same time, on machines that see these files: midx build-task ${shellWord(path)} --index 0`,
  ];
}
