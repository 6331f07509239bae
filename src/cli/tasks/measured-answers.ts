import { compileInlined } from "../../memory/compile-inlined.ts";
import type { ManifestPart } from "../../publication/manifest.ts";
import { gridOf } from "../../train/calibration/grid.ts";
import type { CalibratedPart } from "../../train/calibration/merged-calibration.ts";
import { type MeasuredQueries, type MergedMeasures, measureMerged } from "../../train/calibration/merged-measures.ts";
import { STAND_INS } from "../../train/recall/asked-queries.ts";
import type { MergedQueries } from "../../train/recall/merged-recall.ts";
import { startYielding } from "../../train/runtime/event-loop.ts";
import { instantiateTrainKernels } from "../../train/runtime/kernels.ts";
import { compileTrain } from "../../train/runtime/kernels-inlined.ts";
import { singleThread } from "../../train/runtime/worker-pool.ts";
import { standInQueries } from "../../train/stand-ins/stand-in-queries.ts";
import { readQueries } from "../arguments/held-out.ts";
import { openEmbeddings } from "../building/embeddings.ts";
import { queriesToCalibrate } from "../building/options.ts";
import { fileTable } from "../inputs/file-table.ts";
import { streamOfInput } from "../streaming/file-stream.ts";
import { RUNTIME_BYTES } from "../streaming/memory-shares.ts";
import { GARBAGE_BYTES, standInBytes } from "../streaming/recall-shares.ts";
import { commonSettings } from "./common-settings.ts";
import { checkInputs } from "./fingerprint.ts";
import type { BuildPlan, PlannedPart } from "./plan.ts";
import { plannedCall, type TaskRun } from "./task-run.ts";

/** The measurements of merged answers. */
export interface MeasuredAnswers {
  readonly measures: MergedMeasures;
  /** Says what was measured, or why nothing was. */
  readonly text: string;
}

type Part = Pick<ManifestPart, "file" | "number" | "classes" | "idBase" | "memoryBytes">;

/**
 * Measures merged answers on the queries of the plan, or on stand-ins for queries to all classes. Parts are opened one after
 * the other, so that it takes the memory of one part. The numbers depend only on the plan and the parts.
 */
export async function measureAnswers(run: TaskRun, parts: readonly Part[]): Promise<MeasuredAnswers> {
  const { plan } = run.tasks;
  const { fineCodes, calibrate, maxMemory } = plan.settings;
  const wanted = [...(fineCodes ? ["recall"] : []), ...(calibrate === "off" ? [] : ["error bars"])].join(" and ");
  if (wanted === "") return unmeasured("neither recall nor error bars to measure");
  const needed = neededMib(plan, parts);
  if (maxMemory !== undefined && needed > maxMemory) {
    return unmeasured(`${wanted} of merged answers not measured, which takes --max-memory ${needed}`);
  }
  const measured = await measuredQueries(run);
  const opened = parts.map((part) => openedPart(run, part));
  const asked = { ...(await askedWith(run, measured.queries)), ...measured };
  const settings = { hasFineCodes: fineCodes, effort: calibrate, metric: plan.settings.metric };
  const measures = await measureMerged(opened, asked, settings);
  const counted = [
    ...(fineCodes ? [`recall measured with ${measured.queries.length / plan.dim}`] : []),
    ...(calibrate === "off" ? [] : [`error bars calibrated with ${measures.calibration?.queryCount ?? 0}`]),
  ];
  return { measures, text: `${counted.join(", ")} ${measured.mean ? "stand-ins for queries" : "queries"}` };
}

const unmeasured = (text: string): MeasuredAnswers => ({ measures: { recallCurves: null, calibration: null }, text });

const MIB = 2 ** 20;
/** The number of values that are read at a time: 4 MiB, in the file and as f32. */
const CHUNK_VALUES = 2 ** 20;
const CHUNK_BYTES = CHUNK_VALUES * (8 + 4 + 4);

/** Returns the memory that the measurement takes. The garbage collector may not have freed a part when the next is opened. */
function neededMib(plan: BuildPlan, parts: readonly Part[]): number {
  const { itemCount, dim, input } = plan;
  const loaded = 2 * Math.max(...parts.map(({ memoryBytes }) => memoryBytes));
  const standIns = input.queries === undefined ? standInBytes({ itemCount, dim }, standInCount(plan)) + CHUNK_BYTES : 0;
  const bias = input.bias === undefined ? 0 : 4 * itemCount;
  return Math.ceil((RUNTIME_BYTES + loaded + standIns + bias + GARBAGE_BYTES) / MIB);
}

/** The number of stand-ins for both measurements. */
function standInCount({ itemCount, settings: { fineCodes, calibrate } }: BuildPlan): number {
  const calibrated = calibrate === "off" ? 0 : gridOf(calibrate, itemCount).standIns;
  return Math.max(fineCodes ? STAND_INS : 0, calibrated);
}

/** Reads the queries that the parts were measured with, or makes stand-ins for queries to all classes. */
async function measuredQueries(run: TaskRun): Promise<MeasuredQueries> {
  const { io, pool, progress, tasks } = run;
  const { plan } = tasks;
  const call = plannedCall(run);
  const { queries } = call.options;
  await checkInputs(tasks, ({ path }) => queries === undefined || path === plan.input.queries);
  if (queries !== undefined) {
    const { rows } = plan.parts[0] as PlannedPart;
    const wanted = { itemCount: rows, dim: plan.dim, least: queriesToCalibrate(call.options) };
    return { queries: await readQueries(queries, { ...wanted, openRemote: call.openRemote }) };
  }
  progress.report({ phase: "stand-ins", done: 0, total: 1 });
  const modules = await compileInlined();
  const { seed, metric } = commonSettings(plan);
  const input = await openEmbeddings(call);
  try {
    const table = fileTable(input, Math.max(1, Math.floor(CHUNK_VALUES / plan.dim)));
    const tools = { modules, pool: pool ?? singleThread({ train: instantiateTrainKernels(await compileTrain()) }) };
    const classes = { table, metric, bias: await input.bias() };
    return await standInQueries(tools, classes, { count: standInCount(plan), seed }, startYielding(io.signal));
  } finally {
    await input.close();
  }
}

/** Returns a part that is read from its file when it is measured. */
const openedPart = ({ tasks: { files } }: TaskRun, { file, number, classes, idBase }: Part): CalibratedPart => ({
  number,
  before: idBase,
  classes,
  use: async (action) => {
    const opened = await files.open(file as string);
    try {
      return await action(streamOfInput(opened));
    } finally {
      await opened.close();
    }
  },
});

const askedWith = async ({ tasks, io, progress }: TaskRun, queries: Float32Array): Promise<MergedQueries> => ({
  modules: await compileInlined(),
  queries,
  dim: tasks.plan.dim,
  yieldIfDue: startYielding(io.signal),
  onProgress: (done, total) => progress.report({ phase: "measure", done, total }),
});
