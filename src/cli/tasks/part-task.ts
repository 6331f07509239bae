import { workerBytes } from "../../../worker/host/worker-bytes.ts";
import type { IndexHeader } from "../../format/header.ts";
import type { BuildReport } from "../../train/build/build-options.ts";
import { buildKernels } from "../../train/runtime/kernels-inlined.ts";
import { readQueries } from "../arguments/held-out.ts";
import { libraryOptions, openEmbeddings, readVectors } from "../building/embeddings.ts";
import { sizeOf } from "../building/on-disk.ts";
import { queriesToCalibrate } from "../building/options.ts";
import { encoderOfBlock, readPartsEncoder } from "../building/parts-encoder.ts";
import { keepReport } from "../building/timed-build.ts";
import { openFile } from "../files/input-file.ts";
import { partFileName } from "../files/part-names.ts";
import { buildToFile } from "../streaming/build-to-file.ts";
import { readHeader } from "../streaming/read-back.ts";
import { sha256OfFile } from "./file-hash.ts";
import { checkInputs } from "./fingerprint.ts";
import { sharesOfPart } from "./part-shares.ts";
import type { PlannedPart } from "./plan.ts";
import { blockOf } from "./row-block.ts";
import type { Sampled } from "./sample-task.ts";
import { neededRecord, type TaskRecord } from "./task-folder.ts";
import { plannedCall, type TaskRun } from "./task-run.ts";
import { readCodebooks } from "./train-task.ts";

/** The result of the build of a part. */
export interface BuiltPart {
  readonly classes: number;
  readonly hasLabels: boolean;
  /** The WebAssembly memory of the part as a Worker loads it. */
  readonly memoryBytes: number;
  /** False if the error bars were not calibrated, because there was no room or because the plan does not ask for it. */
  readonly isCalibrated: boolean;
  readonly report: Omit<BuildReport, "calibration" | "recall" | "fit" | "moves">;
}

/** Builds one part with the common codebooks. Its file is named by its content. */
export function runPart(run: TaskRun): Promise<Pick<TaskRecord<BuiltPart>, "files" | "result">> {
  const { files, work } = run.tasks;
  return files.withScratch(`${work}/${run.task.name}.midx`, (temporary) => buildPart(run, temporary));
}

async function buildPart(run: TaskRun, temporary: string): Promise<Pick<TaskRecord<BuiltPart>, "files" | "result">> {
  const { tasks, task, pool } = run;
  const { plan } = tasks;
  const part = plan.parts[task.part as number] as PlannedPart;
  const { sources } = (await neededRecord<Sampled>(tasks, { name: "sample" })).result;
  const codebooks = await readCodebooks(tasks);
  await checkInputs(tasks);
  const call = plannedCall(run);
  const all = await openEmbeddings(call);
  const [report, onReport] = keepReport();
  try {
    const input = blockOf(all, part);
    const vectors = await readVectors(input);
    const { counts: _, ...own } = vectors; // only the training weighs classes by their counts
    const { options } = call;
    const shares = sharesOfPart(sizeOf(input, vectors, options), plan.settings.maxMemory);
    const { queries } = options;
    const wanted = { itemCount: part.rows, dim: plan.dim, least: queriesToCalibrate(options) };
    const held =
      queries === undefined ? undefined : await readQueries(queries, { ...wanted, openRemote: call.openRemote });
    const model = await readPartsEncoder(options, all);
    const encoder = model && { encoder: await encoderOfBlock(model, part.firstRow, input) };
    const build = {
      ...libraryOptions(call, { ...own, counts: undefined }),
      ...(held && { queries: held }),
      ...encoder,
      onReport,
    };
    await buildToFile(input, temporary, { ...build, codebooks }, shares, pool);
  } finally {
    await all.close();
  }
  const header = await headerOf(temporary);
  if (header.facts.source !== sources[part.number]) {
    // A plan that is made again may have the same fingerprints, and so the same records.
    const remedy = `remove ${tasks.files.shown(tasks.work)} and run all tasks again`;
    throw new Error(`the rows of ${task.name} have changed since the sample was drawn: ${remedy}`);
  }
  const { sha256, byteLength } = await sha256OfFile(() => openFile(temporary));
  const file = partFileName(part.number, sha256);
  await tasks.files.adopt(temporary, file);
  const { itemCount, hasLabels, calibration } = header.facts;
  const { calibration: _c, recall: _r, fit: _f, moves: _m, ...plain } = report();
  const result = {
    classes: itemCount,
    hasLabels,
    memoryBytes: workerBytes(header),
    isCalibrated: calibration !== undefined,
    report: plain,
  };
  return { files: [{ file, sha256, byteLength }], result };
}

async function headerOf(path: string): Promise<IndexHeader> {
  const file = await openFile(path);
  try {
    return readHeader(file.fd, (await buildKernels()).checksum).header;
  } finally {
    await file.close();
  }
}
