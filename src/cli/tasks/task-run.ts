import type { BuildCall } from "../building/embeddings.ts";
import type { BuildArguments } from "../building/options.ts";
import type { Progress } from "../output/progress.ts";
import type { Io } from "../process/io.ts";
import type { Threads } from "../threads/threads.ts";
import { type BuildPlan, FILE_INPUTS } from "./plan.ts";
import { pathOfPlan } from "./plan-paths.ts";
import type { TaskFolder } from "./task-folder.ts";
import type { BuildTask } from "./task-names.ts";

/** One run of a task. */
export interface TaskRun {
  readonly tasks: TaskFolder;
  readonly task: BuildTask;
  readonly progress: Progress;
  readonly io: Io;
  readonly pool: Threads | undefined;
  readonly threads: number;
  /** True if tasks of other processes may wait for this one, so that its failure is noted for them. */
  readonly isAwaited: boolean;
}

/** Returns the call of `midx build` whose rows the plan divides. */
export function plannedCall({ tasks: { plan, folder, openRemote }, progress, io, pool, threads }: TaskRun): BuildCall {
  return {
    path: pathOfPlan(plan.input.embeddings, folder),
    options: plannedOptions(plan, folder, threads),
    progress,
    io,
    pool,
    openRemote,
  };
}

function plannedOptions({ input, settings, fingerprints }: BuildPlan, folder: string, threads: number): BuildArguments {
  const { embeddings: _, ...named } = input;
  const { version: _version, seed, fineCodes, residuals, ...index } = settings;
  const isFile = (name: string): boolean => fingerprints.some(({ path }) => path === name);
  const files = Object.fromEntries(
    Object.entries(named).map(([option, value]) => [
      option,
      typeof value === "string" && FILE_INPUTS.some((name) => name === option) && isFile(value)
        ? pathOfPlan(value, folder)
        : value,
    ]),
  );
  const run = { seed: BigInt(seed), output: "", threads };
  return { ...files, ...index, ...(fineCodes && { fineCodes }), ...(residuals && { residuals }), ...run };
}
