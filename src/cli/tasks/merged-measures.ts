import { join } from "node:path";
import type { RecallCurve } from "../../format/recall-curve.ts";
import { compileInlined } from "../../memory/compile-inlined.ts";
import type { Manifest, ManifestPart } from "../../publication/manifest.ts";
import { measureMergedRecall } from "../../train/recall/merged-recall.ts";
import { STAND_INS } from "../../train/recall/recall-curves.ts";
import { curvesOf, type RecallSource } from "../../train/recall/recall-points.ts";
import { startYielding } from "../../train/runtime/event-loop.ts";
import { singleThread } from "../../train/runtime/worker-pool.ts";
import { standInQueries } from "../../train/stand-ins/stand-in-queries.ts";
import { readQueries } from "../arguments/held-out.ts";
import { openEmbeddings } from "../building/embeddings.ts";
import { queriesToCalibrate } from "../building/options.ts";
import { openFile } from "../files/input-file.ts";
import { streamOf } from "../streaming/file-stream.ts";
import { fileTable } from "../streaming/file-table.ts";
import { RUNTIME_BYTES } from "../streaming/memory-shares.ts";
import { GARBAGE_BYTES, standInBytes } from "../streaming/recall-shares.ts";
import { commonSettings } from "./common-settings.ts";
import type { BuildPlan, PlannedPart } from "./plan.ts";
import { plannedCall, type TaskRun } from "./task-run.ts";

/** What is known of the merged answers of all parts. */
export interface MergedMeasures extends Pick<Manifest, "recallCurves" | "calibration"> {
  /** What was measured, or why it was not. */
  readonly text: string;
}

type Part = Pick<ManifestPart, "file" | "classes" | "idBase" | "memoryBytes">;

/**
 * Measures merged answers on the queries of the plan, or on stand-ins for queries to all classes. Parts are opened one after
 * the other, so that it takes the memory of one part. The numbers depend on the plan and on the parts alone.
 */
export async function measureMerged(run: TaskRun, parts: readonly Part[]): Promise<MergedMeasures> {
  const { plan } = run.tasks;
  if (!plan.settings.fineCodes) return unmeasured("no recall without fine codes");
  const needed = neededMib(plan, parts);
  const { maxMemory } = plan.settings;
  if (maxMemory !== undefined && needed > maxMemory) {
    return unmeasured(`recall of merged answers not measured, which takes --max-memory ${needed}`);
  }
  const { queries, source } = await measuredQueries(run);
  const recallCurves = await recallOf(run, parts, queries, source);
  const kind = source === "queries" ? "queries" : "stand-ins for queries";
  return { recallCurves, calibration: null, text: `recall measured with ${queries.length / plan.dim} ${kind}` };
}

const unmeasured = (text: string): MergedMeasures => ({ recallCurves: null, calibration: null, text });

const MIB = 2 ** 20;
/** Values that are read at a time: 4 MiB, in the file and as f32. */
const CHUNK_VALUES = 2 ** 20;
const CHUNK_BYTES = CHUNK_VALUES * (8 + 4 + 4);

/** Returns the memory that the measurement takes. The garbage collector may not have freed a part when the next is opened. */
function neededMib({ itemCount, dim, input }: BuildPlan, parts: readonly Part[]): number {
  const loaded = 2 * Math.max(...parts.map(({ memoryBytes }) => memoryBytes));
  const standIns = input.queries === undefined ? standInBytes({ itemCount, dim }, STAND_INS) + CHUNK_BYTES : 0;
  const bias = input.bias === undefined ? 0 : 4 * itemCount;
  return Math.ceil((RUNTIME_BYTES + loaded + standIns + bias + GARBAGE_BYTES) / MIB);
}

/** Reads the queries that the parts were measured with, or makes stand-ins for queries to all classes. */
async function measuredQueries(
  run: TaskRun,
): Promise<{ readonly queries: Float32Array; readonly source: RecallSource }> {
  const { io, pool, progress, tasks } = run;
  const { plan } = tasks;
  const call = plannedCall(run);
  const { queries } = call.options;
  if (queries !== undefined) {
    const { rows } = plan.parts[0] as PlannedPart;
    return { queries: await readQueries(queries, rows, plan.dim, queriesToCalibrate(call.options)), source: "queries" };
  }
  progress.report({ phase: "stand-ins", done: 0, total: 1 });
  const modules = await compileInlined();
  const { seed, metric } = commonSettings(plan);
  const input = await openEmbeddings(call);
  try {
    const table = fileTable(input, Math.max(1, Math.floor(CHUNK_VALUES / plan.dim)));
    const tools = { modules, pool: pool ?? singleThread({ modules }) };
    const classes = { table, metric, bias: await input.bias() };
    const made = await standInQueries(tools, classes, { count: STAND_INS, seed }, startYielding(io.signal));
    return { queries: made.queries, source: "stand-ins" };
  } finally {
    await input.close();
  }
}

async function recallOf(
  { tasks: { plan, folder }, io, progress }: TaskRun,
  parts: readonly Part[],
  queries: Float32Array,
  source: RecallSource,
): Promise<RecallCurve[]> {
  const measured = parts.map(({ file, classes, idBase }) => ({
    ...{ before: idBase, classes },
    use: async <Result>(action: (file: ReadableStream<Uint8Array>) => Promise<Result>): Promise<Result> => {
      const opened = await openFile(join(folder, file as string));
      try {
        return await action(streamOf(opened.fd));
      } finally {
        await opened.close();
      }
    },
  }));
  const tally = await measureMergedRecall(measured, {
    ...{ modules: await compileInlined(), queries, dim: plan.dim, yieldIfDue: startYielding(io.signal) },
    onProgress: (done, total) => progress.report({ phase: "recall", done, total }),
  });
  return curvesOf(tally, source);
}
