import { drawCommonSample } from "../../train/build/common-codebooks.ts";
import type { Workspace } from "../../train/rows/workspace.ts";
import { buildKernels } from "../../train/runtime/kernels-inlined.ts";
import { openEmbeddings } from "../building/embeddings.ts";
import { fileTable } from "../inputs/file-table.ts";
import { commonSettings } from "./common-settings.ts";
import { checkInputs } from "./fingerprint.ts";
import { checkSampleShares } from "./part-shares.ts";
import { SAMPLE_FILE, type TaskRecord } from "./task-folder.ts";
import { plannedCall, type TaskRun } from "./task-run.ts";
import { writeTensors } from "./tensor-file.ts";
import { withTrainingRows } from "./training-rows-on-disk.ts";

/** The XXH64 of the rows and biases of each part, as the file of the part will state it. */
export interface Sampled {
  readonly sources: readonly string[];
  readonly sampleRows: number;
}

/** Values that are read at a time: 4 MiB. */
const CHUNK_VALUES = 2 ** 20;

/** Reads all rows once, and writes the sample that codebooks are trained on. */
export async function runSample(run: TaskRun): Promise<Pick<TaskRecord<Sampled>, "files" | "result">> {
  checkSampleShares(run.tasks.plan, run.threads);
  return withTrainingRows(run.tasks, (trainingRows) => sampleInto(run, trainingRows));
}

async function sampleInto(
  run: TaskRun,
  trainingRows: Workspace["trainingRows"],
): Promise<Pick<TaskRecord<Sampled>, "files" | "result">> {
  const { tasks, io, progress } = run;
  const { plan } = tasks;
  await checkInputs(tasks);
  const input = await openEmbeddings(plannedCall(run));
  try {
    if (input.itemCount !== plan.itemCount || input.dim !== plan.dim) {
      const [found, planned] = [input, plan].map((of) => `${of.itemCount} × ${of.dim} values`);
      throw new Error(`the input has ${found}, planned with ${planned}: make the plan again`);
    }
    const { dim } = plan;
    const chunkRows = Math.max(1, Math.floor(CHUNK_VALUES / dim));
    const { train, checksum } = await buildKernels();
    const onProgress = (done: number, total: number): void => progress.report({ phase: "read", done, total });
    const { sample, sources } = await drawCommonSample(
      { train, checksum, onProgress, signal: io.signal },
      {
        table: fileTable(input, chunkRows),
        bias: await input.bias(),
        counts: await input.counts(),
        partRows: plan.parts.map(({ rows }) => rows),
        trainingRows,
      },
      commonSettings(plan),
    );
    const sampleRows = sample.weights.length;
    const file = await writeTensors(tasks, SAMPLE_FILE, [
      { name: "weights", dtype: "F64", shape: [sampleRows], data: sample.weights },
      { name: "rows", dtype: "F32", shape: [sampleRows, dim], data: sample.rows.table().chunks() },
    ]);
    return { files: [file], result: { sources, sampleRows } };
  } finally {
    await input.close();
  }
}
