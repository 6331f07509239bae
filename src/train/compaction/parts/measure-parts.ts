import { compileInlined } from "../../../memory/compile-inlined.ts";
import type { Manifest } from "../../../publication/manifest.ts";
import { gridOf } from "../../calibration/grid.ts";
import type { CalibratedPart } from "../../calibration/merged-calibration.ts";
import { measureMerged } from "../../calibration/merged-measures.ts";
import { STAND_INS } from "../../recall/asked-queries.ts";
import { BLOCK_ROWS } from "../../rows/row-source.ts";
import { startYielding } from "../../runtime/event-loop.ts";
import { instantiateTrainKernels, type TrainKernels } from "../../runtime/kernels.ts";
import { compileTrain } from "../../runtime/kernels-inlined.ts";
import { singleThread } from "../../runtime/worker-pool.ts";
import { type StandIns, standInQueries } from "../../stand-ins/stand-in-queries.ts";
import type { CompactOptions } from "../compact-options.ts";
import { joinedTable, type StoredRowsOfFile, storedRowsOf } from "../stored-rows.ts";
import { carriedMeasures, type MeasuredPartFile, type PartsMeasures } from "./parts-tools.ts";

/**
 * Measures merged answers on queries, or on stand-ins for queries to all classes, as a build of the parts does, or carries the
 * measurements of the older version over, as a compaction does without queries for an encoder. Statistics are measured on queries
 * alone, and carried over without them. Parts are opened one after the other.
 */
export async function measureParts(
  parts: readonly MeasuredPartFile[],
  older: Manifest,
  { calibrate = "quick", queries: given, signal }: Pick<CompactOptions, "calibrate" | "queries" | "signal">,
): Promise<PartsMeasures> {
  const { facts, classes } = older;
  const carried = carriedMeasures(older);
  if (calibrate === "carry" || classes === 0) return carried;
  const { dim, metric } = facts;
  const yieldIfDue = startYielding(signal);
  const modules = await compileInlined();
  const train = await compileTrain();
  const kernels = instantiateTrainKernels(train);
  const first = parts.findIndex((part) => part.classes > 0);
  const { seed, hasFineCodes, hasEncoder } = await opened(kernels, parts, first);
  if (hasEncoder && older.calibration && given === undefined) return carried;
  const count = Math.max(hasFineCodes ? STAND_INS : 0, gridOf(calibrate, classes).standIns);
  const made = async (): Promise<StandIns> => {
    const pool = singleThread({ train: instantiateTrainKernels(train) });
    const rows = await allClasses(kernels, parts, dim, metric);
    return standInQueries({ modules, pool }, rows, { count, seed }, yieldIfDue);
  };
  const asked = { modules, dim, yieldIfDue, ...(given ? { queries: given } : await made()) };
  const files = parts.map(({ number, classes: own, idBase, read }): CalibratedPart => {
    return { number, before: idBase, classes: own, use: async (action) => action(await read()) };
  });
  const measured = await measureMerged(files, asked, { hasFineCodes, effort: calibrate, metric });
  const statistics = measured.statistics ?? carried.statistics;
  return { ...measured, ...(statistics && { statistics }) };
}

const opened = async (
  kernels: TrainKernels,
  parts: readonly MeasuredPartFile[],
  place: number,
): Promise<StoredRowsOfFile> => storedRowsOf(await (parts[place] as MeasuredPartFile).read(), kernels);

/** The rows of all parts as one table, and their biases, which are in memory together. */
async function allClasses(
  kernels: TrainKernels,
  parts: readonly MeasuredPartFile[],
  dim: number,
  metric: "dot" | "cosine",
) {
  const counts = parts.map(({ classes }) => classes);
  const bias = new Float32Array(counts.reduce((sum, count) => sum + count, 0));
  let hasBias = false;
  for (const [place, { classes, idBase }] of parts.entries()) {
    const own = classes > 0 ? (await opened(kernels, parts, place)).bias : undefined;
    hasBias ||= own !== undefined;
    bias.set(own ?? [], idBase);
  }
  const open = async (place: number) => (await opened(kernels, parts, place)).table;
  return { table: joinedTable({ dim, counts, open }, BLOCK_ROWS), metric, bias: hasBias ? bias : undefined };
}
