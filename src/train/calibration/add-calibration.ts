import type { CalibrationFacts } from "../../format/calibration.ts";
import type { CalibrationValues } from "../../format/calibration-values.ts";
import { parse } from "../../format/header.ts";
import { checksumWith } from "../../memory/checksum.ts";
import { instantiateQuery, type Modules } from "../../memory/kernels.ts";
import type { RowTable } from "../rows/row-table.ts";
import type { QueryPools } from "../stand-ins/query-pools.ts";
import { type BuildCalibration, calibrateBuild } from "./calibrate-build.ts";
import type { CalibrationProgress } from "./calibration.ts";
import { bandOfClasses, statisticsOf } from "./query-statistics.ts";
import { calibrationPatches } from "./recalibrate.ts";

/** A calibration of error bars, and its time. */
export interface CalibrationReport extends CalibrationValues, Pick<CalibrationFacts, "source" | "queryCount"> {
  /** The time that it took, in seconds. */
  readonly seconds: number;
}

/** The input of a build that its calibration needs, too. */
export interface CalibrationOptions extends BuildCalibration, CalibrationProgress {
  readonly bias?: ArrayLike<number>;
  readonly counts?: ArrayLike<number>;
  readonly seed: bigint;
}

/** Calibrates an index file in memory that has room for it. Undefined if it has none. */
export async function addCalibration(
  modules: Modules,
  file: Uint8Array<ArrayBuffer>,
  table: RowTable,
  options: CalibrationOptions,
  pools: QueryPools,
): Promise<CalibrationReport | undefined> {
  const checksum = checksumWith(instantiateQuery(modules.query));
  const header = parse(file, file.byteLength, checksum);
  const { facts } = header;
  if (facts.calibration === undefined) return undefined;
  const start = performance.now();
  const build = { file, facts, table, bias: options.bias, seed: options.seed };
  const { values, defaults } = await calibrateBuild(modules, build, options, pools, options);
  const statistics = statisticsOf(defaults, bandOfClasses(options));
  for (const { position, bytes } of calibrationPatches(header, checksum, values, statistics)) file.set(bytes, position);
  return reportOf(facts.calibration, values, start);
}

/** Describes a calibration that began at `start`, by performance.now(). */
export function reportOf(
  { source, queryCount }: CalibrationFacts,
  values: CalibrationValues,
  start: number,
): CalibrationReport {
  return { source, queryCount, ...values, seconds: (performance.now() - start) / 1000 };
}
