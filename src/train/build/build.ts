import type { Checksum } from "../../bytes/sealed-header.ts";
import type { PassTools } from "../kmeans/parallel-pass.ts";
import { checkMatrix, type Matrix } from "../rows/matrix.ts";
import { type RowTable, tableOf, unitTable } from "../rows/row-table.ts";
import { memoryWorkspace, type Workspace } from "../rows/workspace.ts";
import type { TrainKernels } from "../runtime/kernels.ts";
import { type BuildPool, singleThread, type WorkerPool } from "../runtime/worker-pool.ts";
import type { BuildOptions } from "./build-options.ts";
import { planBuild } from "./build-plan.ts";
import { startProgress } from "./progress.ts";
import { reportOf } from "./report.ts";
import { encodeRows } from "./stages/encode.ts";
import { trainFineCodes } from "./stages/fine-codebooks.ts";
import { fitCodebooks } from "./stages/fit.ts";
import { listClasses } from "./stages/lists.ts";
import type { Build } from "./stages/stage.ts";
import { storeRows } from "./stages/store.ts";
import { surveyRows } from "./stages/survey.ts";
import { trainCodebooks } from "./stages/train.ts";
import { writeIndex } from "./stages/write.ts";
import { readWarmStart } from "./warm-start.ts";

/** The bytes of an index file. `checksum` is XXH64. TypeError and RangeError name the argument at fault. */
export async function buildWith(
  kernels: TrainKernels,
  checksum: Checksum,
  embeddings: Matrix,
  options: BuildOptions,
  others?: BuildPool<PassTools>,
): Promise<Uint8Array<ArrayBuffer>> {
  checkMatrix(embeddings);
  const workspace = memoryWorkspace(others?.floats);
  await buildInto(workspace, kernels, checksum, tableOf(embeddings), options, others);
  return workspace.file();
}

/**
 * Writes an index file to the workspace's output; its bytes depend on rows, options and seed, not on the workspace nor on
 * who does the work: this thread, or `others`, to whom it leaves all that is done row by row.
 */
export async function buildInto(
  workspace: Workspace,
  kernels: TrainKernels,
  checksum: Checksum,
  given: RowTable,
  options: BuildOptions,
  others?: WorkerPool<PassTools>,
): Promise<void> {
  const warm = options.warmFrom && readWarmStart(options.warmFrom, checksum);
  const plan = planBuild(given, options, warm);
  const build: Build = {
    ...{ kernels, checksum, workspace, given, plan, warm },
    pool: others ?? singleThread({ train: kernels }),
    rowPool: others,
    table: plan.metric === "cosine" ? unitTable(given) : given,
    progress: startProgress(options),
    signal: options.signal,
  };
  const surveyed = await surveyRows(build);
  const trained = await trainCodebooks(build, surveyed);
  const encoded = await encodeRows(build, trained);
  const fitted = await fitCodebooks(build, encoded);
  const finelyTrained = await trainFineCodes(build, fitted);
  const listed = await listClasses(build, finelyTrained);
  const stored = await storeRows(build, listed);
  const written = await writeIndex(build, stored);
  options.onReport?.(reportOf(build, written));
}
