import type { Checksum } from "../../bytes/sealed-header.ts";
import { parse } from "../../format/header.ts";
import { curvesToValues } from "../../format/recall-curve.ts";
import type { Modules } from "../../memory/kernels.ts";
import { calibrateBuild } from "../calibration/calibrate-build.ts";
import { storedBands } from "../calibration/put-statistics.ts";
import { statisticsOf } from "../calibration/query-statistics.ts";
import { calibrationPatches } from "../calibration/recalibrate.ts";
import { tensorPatches } from "../calibration/rewrite-index.ts";
import { askedQueries } from "../recall/asked-queries.ts";
import { measureRecalls } from "../recall/recall-measurement.ts";
import { curvesOf, type RecallSource } from "../recall/recall-points.ts";
import { bytesOf } from "../runtime/byte-chunks.ts";
import { startYielding } from "../runtime/event-loop.ts";
import type { QueryPools } from "../stand-ins/query-pools.ts";
import type { Compacted } from "./compact.ts";
import type { CompactOptions } from "./compact-options.ts";

/** Measures the recall curves and the calibration of a compacted index, and writes them into its file. */
export async function measureCompacted(
  modules: Modules,
  checksum: Checksum,
  { file, report, table, bias }: Compacted,
  { calibrate, queries: given, signal }: CompactOptions,
  pools: QueryPools,
): Promise<void> {
  const write = (patches: ReturnType<typeof tensorPatches>): void => {
    for (const { position, bytes } of patches) file.set(bytes, position);
  };
  const { facts } = parse(file, file.byteLength, checksum);
  const { metric, seed, compaction } = facts;
  if (compaction?.curves === "measured") {
    const yieldIfDue = startYielding(signal);
    const source = facts.report?.recallQueries as RecallSource;
    const queries = source === "queries" ? given : undefined;
    const [tools, rows] = [
      { modules, pool: pools.rows },
      { table, metric, bias },
    ];
    const asked = await askedQueries(tools, rows, { queries, seed }, yieldIfDue);
    const { tally } = await measureRecalls(pools.index, { file, asked }, facts, yieldIfDue);
    const header = parse(file, file.byteLength, checksum);
    write(tensorPatches(header, checksum, { recallCurves: bytesOf(curvesToValues(curvesOf(tally, source))) }));
  }
  if (compaction?.calibration !== "measured" || !facts.calibration) return;
  const effort = calibrate === "full" ? "full" : "quick";
  const build = { file, facts, table, bias, seed };
  const progress = signal ? { signal } : {};
  const { values, defaults } = await calibrateBuild(
    modules,
    build,
    { effort, ...(given && { queries: given }) },
    pools,
    progress,
  );
  const header = parse(file, file.byteLength, checksum);
  const statistics = report.statistics === "measured" ? statisticsOf(defaults, storedBands(file, header)) : undefined;
  write(calibrationPatches(header, checksum, values, statistics));
}
