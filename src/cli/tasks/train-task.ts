import { codebookDims, fineCount } from "../../format/tensors.ts";
import { trainCommonCodebooks } from "../../train/build/common-codebooks.ts";
import type { ReusedCodebooks } from "../../train/build/reused-codebooks.ts";
import type { WeightedRows } from "../../train/rows/training-rows.ts";
import type { Workspace } from "../../train/rows/workspace.ts";
import { buildKernels } from "../../train/runtime/kernels-inlined.ts";
import { commonSettings } from "./common-settings.ts";
import { checkInputs } from "./fingerprint.ts";
import { checkSampleShares } from "./part-shares.ts";
import type { BuildPlan } from "./plan.ts";
import type { Sampled } from "./sample-task.ts";
import { CODEBOOKS_FILE, neededRecord, type TaskFile, type TaskFolder, type TaskRecord } from "./task-folder.ts";
import { plannedCall, type TaskRun } from "./task-run.ts";
import { doublesIn, floatsIn, type NamedTensor, readTensors, takeTensors, writeTensors } from "./tensor-file.ts";
import { withTrainingRows } from "./training-rows-on-disk.ts";
import { readWarmCodebooks } from "./warm-codebooks.ts";

type Weights = "counts" | "bias" | "none";

/** The result of the training of the codebooks. */
interface TrainedCodebooks {
  /** Their rows were weighed by these. */
  readonly weights: Weights;
}

/** Trains the codebooks of all parts, or takes over those of an older index, and writes them. */
export async function runTrain(run: TaskRun): Promise<Pick<TaskRecord<TrainedCodebooks>, "files" | "result">> {
  checkSampleShares(run.tasks.plan, run.threads);
  return withTrainingRows(run.tasks, async (trainingRows) => trainOn(await readSample(run.tasks, trainingRows), run));
}

async function trainOn(
  sample: WeightedRows,
  run: TaskRun,
): Promise<Pick<TaskRecord<TrainedCodebooks>, "files" | "result">> {
  const { tasks, io, progress, pool } = run;
  const { plan } = tasks;
  const { train, checksum } = await buildKernels();
  await checkInputs(tasks, ({ path }) => path === plan.input.warmFrom);
  const older = await readWarmCodebooks(plannedCall(run).options, plan.dim);
  const start = older && { codebooks: older, passes: plan.settings.warmPasses ?? 0 };
  const onProgress = (done: number, total: number): void => progress.report({ phase: "train", done, total });
  const trained = await trainCommonCodebooks(
    { train, checksum, onProgress, signal: io.signal },
    sample,
    { ...commonSettings(plan), dim: plan.dim, weighedBy: weighedBy(plan), ...(start && { start }) },
    pool,
  );
  const { weights = "none" } = trained.facts.report ?? {};
  return { files: [await writeTensors(tasks, CODEBOOKS_FILE, tensorsOf(trained, plan))], result: { weights } };
}

/** Reads the sample that the task "sample" wrote. */
async function readSample(tasks: TaskFolder, trainingRows: Workspace["trainingRows"]): Promise<WeightedRows> {
  const { files, result } = await neededRecord<Sampled>(tasks, { name: "sample" });
  const { sampleRows } = result;
  const rows = trainingRows(sampleRows, tasks.plan.dim);
  const weights = new Float64Array(sampleRows);
  let weighed = 0;
  await takeTensors(tasks, files[0] as TaskFile, ({ name }, piece) => {
    if (name === "rows") return rows.add(floatsIn(piece));
    const given = doublesIn(piece);
    weights.set(given, weighed);
    weighed += given.length;
  });
  return { rows, weights };
}

const weighedBy = ({ input: { counts, bias } }: BuildPlan): Weights =>
  counts === undefined ? (bias === undefined ? "none" : "bias") : "counts";

function tensorsOf({ quantizer, fineCodebooks }: ReusedCodebooks, { dim }: BuildPlan): NamedTensor[] {
  const { codewordCount, dim1, dim2, codebook1, codebook2 } = quantizer;
  const fine = fineCodebooks && [
    {
      name: "fineCodebooks",
      dtype: "F32" as const,
      shape: [fineCount({ dim, hasFineCodes: true }), 2, 16],
      data: fineCodebooks,
    },
  ];
  return [
    { name: "codebook1", dtype: "F32", shape: [codewordCount, dim1], data: codebook1 },
    { name: "codebook2", dtype: "F32", shape: [codewordCount, dim2], data: codebook2 },
    ...(fine ?? []),
  ];
}

/** Reads the codebooks that the task "train" wrote. */
export async function readCodebooks(tasks: TaskFolder): Promise<ReusedCodebooks> {
  const { plan } = tasks;
  const { dim } = plan;
  const { quantizer: kind, bits, metric } = plan.settings;
  const { files, result } = await neededRecord<TrainedCodebooks>(tasks, { name: "train" });
  const tensors = await readTensors(tasks, files[0] as TaskFile);
  const floats = (name: string): Float32Array => floatsIn(tensors(name));
  const [dim1, dim2] = codebookDims({ dim, quantizer: kind });
  const [codebook1, codebook2] = [floats("codebook1"), floats("codebook2")];
  return {
    facts: { dim, quantizer: kind, bits, metric, report: { ...result, recallQueries: "none" } },
    quantizer: { kind, codewordCount: 2 ** bits, dim, dim1, dim2, codebook1, codebook2 },
    fineCodebooks: plan.settings.fineCodes ? floats("fineCodebooks") : undefined,
  };
}
