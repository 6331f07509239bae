import type { Checksum } from "../../../bytes/sealed-header.ts";
import type { PassTools } from "../../kmeans/parallel-pass.ts";
import type { RowTable } from "../../rows/row-table.ts";
import type { Workspace } from "../../rows/workspace.ts";
import type { TrainKernels } from "../../runtime/kernels.ts";
import type { TrainTools, WorkerPool } from "../../runtime/worker-pool.ts";
import type { BuildPlan } from "../build-plan.ts";
import type { Progress } from "../progress.ts";
import type { WarmStart } from "../warm-start.ts";

/** The things that all stages of a build work with. */
export interface Build {
  readonly kernels: TrainKernels;
  readonly checksum: Checksum;
  readonly workspace: Workspace;
  /** Does what is done piece by piece. */
  readonly pool: WorkerPool<TrainTools>;
  /** The same pool where its members can read training rows; undefined where this thread works alone. */
  readonly rowPool: WorkerPool<PassTools> | undefined;
  /** The rows as they were given. */
  readonly given: RowTable;
  /** The rows as they are coded and stored: at unit length for "cosine". */
  readonly table: RowTable;
  readonly plan: BuildPlan;
  readonly warm: WarmStart | undefined;
  readonly progress: Progress;
  readonly signal: AbortSignal | undefined;
}

/** One step of a build: it takes what the stages before it have left, and leaves it with what it has found. */
export type Stage<Input, Output> = (build: Build, input: Input) => Promise<Output>;
