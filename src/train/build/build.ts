import type { Checksum } from "../../bytes/sealed-header.ts";
import type { PassTools } from "../kmeans/parallel-pass.ts";
import { checkMatrix, type Matrix } from "../rows/matrix.ts";
import { type RowTable, tableOf, unitTable } from "../rows/row-table.ts";
import { memoryWorkspace, type Workspace } from "../rows/workspace.ts";
import type { TrainKernels } from "../runtime/kernels.ts";
import { type BuildPool, singleThread, type WorkerPool } from "../runtime/worker-pool.ts";
import { type InternalBuildOptions, planBuild } from "./build-plan.ts";
import { checkTiedRows } from "./encode-encoder.ts";
import { startProgress } from "./progress.ts";
import { reportOf } from "./report.ts";
import { encodeRows } from "./stages/encode.ts";
import { trainFineCodes } from "./stages/fine-codebooks.ts";
import { fitCodebooks } from "./stages/fit.ts";
import { type Listed, listClasses } from "./stages/lists.ts";
import { separateOutliers } from "./stages/separate.ts";
import type { Build } from "./stages/stage.ts";
import { storeRows } from "./stages/store.ts";
import { surveyRows } from "./stages/survey.ts";
import { trainCodebooks } from "./stages/train.ts";
import { writeIndex } from "./stages/write.ts";
import { readWarmStart } from "./warm-start.ts";

/** Builds an index file in memory. `checksum` is XXH64. A TypeError or RangeError names the argument at fault. */
export async function buildWith(
  kernels: TrainKernels,
  checksum: Checksum,
  embeddings: Matrix,
  options: InternalBuildOptions,
  pool?: BuildPool<PassTools>,
): Promise<Uint8Array<ArrayBuffer>> {
  checkMatrix(embeddings);
  const workspace = memoryWorkspace(pool?.floats);
  await buildInto(workspace, kernels, checksum, tableOf(embeddings), options, pool);
  return workspace.file();
}

/**
 * Writes an index file to the workspace's output. The bytes depend on rows, options and seed, and neither on the workspace
 * nor on the threads. `pool` does the work on rows. Default: this thread does.
 */
export async function buildInto(
  workspace: Workspace,
  kernels: TrainKernels,
  checksum: Checksum,
  input: RowTable,
  options: InternalBuildOptions,
  pool?: WorkerPool<PassTools>,
): Promise<void> {
  const { codebooks, warmFrom } = options;
  const warm = codebooks ?? (warmFrom === undefined ? undefined : readWarmStart(warmFrom, checksum));
  const plan = planBuild(input, options, warm);
  const build: Build = {
    kernels,
    checksum,
    workspace,
    input,
    plan,
    warm,
    pool: pool ?? singleThread({ train: kernels }),
    rowPool: pool,
    table: plan.metric === "cosine" ? unitTable(input) : input,
    progress: startProgress(options),
    signal: options.signal,
  };
  await checkTiedRows(input, plan.encoder);
  const stored = await storeRows(build, await classify(build));
  const separated = await separateOutliers(build, stored);
  const written = await writeIndex(build, separated);
  options.onReport?.(reportOf(build, written));
}

/** Runs the stages up to the lists. The training rows are garbage afterwards, before the stored rows take memory. */
async function classify(build: Build): Promise<Listed> {
  const surveyed = await surveyRows(build);
  const trained = await trainCodebooks(build, surveyed);
  const encoded = await encodeRows(build, trained);
  const fitted = await fitCodebooks(build, encoded);
  return listClasses(build, await trainFineCodes(build, fitted));
}
