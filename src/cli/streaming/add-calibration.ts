import { checksumWith } from "../../memory/checksum.ts";
import { compileInlined } from "../../memory/compile-inlined.ts";
import { instantiateQuery } from "../../memory/kernels.ts";
import { type CalibrationOptions, type CalibrationReport, reportOf } from "../../train/calibration/add-calibration.ts";
import { calibrateBuild } from "../../train/calibration/calibrate-build.ts";
import { bandOfClasses, statisticsOf } from "../../train/calibration/query-statistics.ts";
import { calibrationPatches } from "../../train/calibration/recalibrate.ts";
import type { RowTable } from "../../train/rows/row-table.ts";
import { singleThread } from "../../train/runtime/worker-pool.ts";
import type { RowPool } from "../../train/stand-ins/query-pools.ts";
import { writeAll } from "../scratch/scratch-file.ts";
import { streamOf } from "./file-stream.ts";
import { readHeader } from "./read-back.ts";

/**
 * Calibrates an index file, as addCalibration does. The pool searches the rows. This thread queries the index, so that the
 * index is in memory only once.
 */
export async function addCalibrationToFile(
  fd: number,
  table: RowTable,
  options: CalibrationOptions,
  rows: RowPool,
): Promise<CalibrationReport | undefined> {
  const modules = await compileInlined();
  const checksum = checksumWith(instantiateQuery(modules.query));
  const { header } = readHeader(fd, checksum);
  const { facts } = header;
  if (facts.calibration === undefined) return undefined;
  const start = performance.now();
  const pools = { rows, index: singleThread({ modules }) };
  const build = { file: streamOf(fd), facts, table, bias: options.bias, seed: options.seed };
  const { values, defaults } = await calibrateBuild(modules, build, options, pools, options);
  const statistics = statisticsOf(defaults, bandOfClasses(options));
  for (const { position, bytes } of calibrationPatches(header, checksum, values, statistics)) {
    writeAll(fd, position, bytes);
  }
  return reportOf(facts.calibration, values, start);
}
