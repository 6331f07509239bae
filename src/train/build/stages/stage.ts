import type { Checksum } from "../../../bytes/sealed-header.ts";
import type { PassTools } from "../../kmeans/parallel-pass.ts";
import type { RowTable } from "../../rows/row-table.ts";
import type { Workspace } from "../../rows/workspace.ts";
import type { TrainKernels } from "../../runtime/kernels.ts";
import type { TrainTools, WorkerPool } from "../../runtime/worker-pool.ts";
import type { BuildPlan } from "../build-plan.ts";
import type { Progress } from "../progress.ts";
import type { ReusedCodebooks } from "../reused-codebooks.ts";
import type { WarmStart } from "../warm-start.ts";

/** The inputs and tools of all stages of a build. */
export interface Build {
  readonly kernels: TrainKernels;
  readonly checksum: Checksum;
  readonly workspace: Workspace;
  /** Runs the tasks of the build. */
  readonly pool: WorkerPool<TrainTools>;
  /** The same pool, if its threads can read the training rows in place. Undefined where there is only this thread. */
  readonly rowPool: WorkerPool<PassTools> | undefined;
  /** The rows as the caller passed them. */
  readonly input: RowTable;
  /** The rows as they are coded and stored. With "cosine" they have unit length. */
  readonly table: RowTable;
  readonly plan: BuildPlan;
  /** The codebooks that are reused: those of other parts, or those of an older index, whose classes are then compared. */
  readonly warm: ReusedCodebooks | WarmStart | undefined;
  readonly progress: Progress;
  readonly signal: AbortSignal | undefined;
}

/** One step of a build. It takes the results of the stages before it and adds its own. */
export type Stage<Input, Output> = (build: Build, input: Input) => Promise<Output>;
