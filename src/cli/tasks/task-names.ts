import { partName } from "../files/part-names.ts";
import type { BuildPlan } from "./plan.ts";

/** A task of a plan: the sample, the training, one for each part, the measurement and the manifest. */
export interface BuildTask {
  /** The number of the task in array jobs. */
  readonly index: number;
  /** "sample", "train", "part-0000" and so on, "measure" or "commit". */
  readonly name: string;
  readonly kind: "sample" | "train" | "part" | "measure" | "commit";
  /** The number of the part, for a task that builds one. */
  readonly part?: number;
}

/** The tasks of a plan, in an order in which each one only needs tasks before it. */
export function tasksOf({ parts }: Pick<BuildPlan, "parts">): BuildTask[] {
  const built = parts.map(({ number }) => ({ kind: "part" as const, name: partName(number), part: number }));
  const named = (kind: "sample" | "train" | "measure" | "commit") => ({ kind, name: kind });
  const tasks = [named("sample"), named("train"), ...built, named("measure"), named("commit")];
  return tasks.map((task, index) => ({ index, ...task }));
}

/** The tasks that have to be finished before a task can run. */
export function neededBy(task: BuildTask, plan: Pick<BuildPlan, "parts">): BuildTask[] {
  const tasks = tasksOf(plan);
  const kinds = {
    sample: [],
    train: ["sample"],
    part: ["sample", "train"],
    measure: ["sample", "part"],
    commit: ["part", "measure"],
  };
  return tasks.filter(({ kind }) => (kinds[task.kind] as readonly string[]).includes(kind));
}

/** Finds a task by its number or its name. RangeError if there is none. */
export function taskNamed(text: string, plan: Pick<BuildPlan, "parts">): BuildTask {
  const tasks = tasksOf(plan);
  const found = tasks.find(({ index, name }) => String(index) === text || name === text);
  if (found) return found;
  throw new RangeError(
    `'--index' expected 0..${tasks.length - 1} or the name of a task, such as "sample" or "part-0000", got ${JSON.stringify(text)}`,
  );
}
