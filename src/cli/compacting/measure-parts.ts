import { compileInlined } from "../../memory/compile-inlined.ts";
import type { Manifest } from "../../publication/manifest.ts";
import { calibrateParts } from "../../train/calibration/calibrate-parts.ts";
import { GRIDS, gridOf } from "../../train/calibration/grid.ts";
import type { CalibratedPart } from "../../train/calibration/merged-calibration.ts";
import { joinedTable, type StoredRowsOfFile, storedRowsOf } from "../../train/compaction/stored-rows.ts";
import { measureMergedRecall } from "../../train/recall/merged-recall.ts";
import { STAND_INS } from "../../train/recall/recall-curves.ts";
import { curvesOf } from "../../train/recall/recall-points.ts";
import { BLOCK_ROWS } from "../../train/rows/row-source.ts";
import { startYielding } from "../../train/runtime/event-loop.ts";
import { instantiateTrainKernels } from "../../train/runtime/kernels.ts";
import { compileTrain } from "../../train/runtime/kernels-inlined.ts";
import { singleThread } from "../../train/runtime/worker-pool.ts";
import { standInQueries } from "../../train/stand-ins/stand-in-queries.ts";
import { readEvenly } from "../arguments/held-out.ts";
import type { MeasureOptions } from "./measure-options.ts";

/** A part in its place, whose file is read whenever it is needed. */
export interface CompactedPart {
  readonly number: number;
  readonly classes: number;
  readonly idBase: number;
  readonly read: () => Promise<Uint8Array<ArrayBuffer>>;
}

/** The recall curves and the calibration of merged answers. */
export interface PartsMeasures extends Pick<Manifest, "recallCurves" | "calibration"> {
  readonly carried?: true;
}

/**
 * Measures merged answers on queries, or on stand-ins for queries to all classes, as a build of the parts does, or carries the
 * measurements of the older version over. Parts are opened one after the other.
 */
export async function measureParts(
  parts: readonly CompactedPart[],
  { facts, classes, recallCurves, calibration }: Manifest,
  { calibrate = "quick", queriesFile, signal }: MeasureOptions,
): Promise<PartsMeasures> {
  if (calibrate === "carry" || classes === 0) {
    return { recallCurves, calibration, ...((recallCurves || calibration) && { carried: true }) };
  }
  const { dim, metric } = facts;
  const yieldIfDue = startYielding(signal);
  const modules = await compileInlined();
  const first = parts.findIndex((part) => part.classes > 0);
  const { seed, hasFineCodes } = await opened(parts, first);
  const given = queriesFile === undefined ? undefined : await readEvenly(queriesFile, GRIDS.full.queryCount, dim);
  const count = Math.max(hasFineCodes ? STAND_INS : 0, gridOf(calibrate, classes).standIns);
  const made = async (): Promise<Float32Array> => {
    const pool = singleThread({ modules });
    return (await standInQueries({ modules, pool }, await allClasses(parts, dim, metric), { count, seed }, yieldIfDue))
      .queries;
  };
  const asked = { modules, dim, yieldIfDue, queries: given?.queries ?? (await made()) };
  const files = parts.map(({ number, classes: own, idBase, read }): CalibratedPart => {
    return { number, before: idBase, classes: own, use: async (action) => action(await read()) };
  });
  const tally = hasFineCodes ? await measureMergedRecall(files, asked) : undefined;
  return {
    recallCurves: tally ? curvesOf(tally, given ? "queries" : "stand-ins") : null,
    calibration:
      (await calibrateParts(files, asked, { effort: calibrate, metric, isReal: given !== undefined })) ?? null,
  };
}

const opened = async (parts: readonly CompactedPart[], place: number): Promise<StoredRowsOfFile> =>
  storedRowsOf(await (parts[place] as CompactedPart).read(), instantiateTrainKernels(await compileTrain()));

/** The rows of all parts as one table, and their biases, which are in memory together. */
async function allClasses(parts: readonly CompactedPart[], dim: number, metric: "dot" | "cosine") {
  const counts = parts.map(({ classes }) => classes);
  const bias = new Float32Array(counts.reduce((sum, count) => sum + count, 0));
  let hasBias = false;
  for (const [place, { classes, idBase }] of parts.entries()) {
    const own = classes > 0 ? (await opened(parts, place)).bias : undefined;
    hasBias ||= own !== undefined;
    bias.set(own ?? [], idBase);
  }
  const open = async (place: number) => (await opened(parts, place)).table;
  return { table: joinedTable({ dim, counts, open }, BLOCK_ROWS), metric, bias: hasBias ? bias : undefined };
}
