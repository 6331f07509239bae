import { sha256 } from "../../bytes/sha256.ts";
import { ESTIMATOR, UNMEASURED } from "../../format/calibration-values.ts";
import { type IndexHeader, parse } from "../../format/header.ts";
import type { RecallCurve } from "../../format/recall-curve.ts";
import { checksumWith } from "../../memory/checksum.ts";
import { compileInlined } from "../../memory/compile-inlined.ts";
import { instantiateQuery, type Modules } from "../../memory/kernels.ts";
import { audited } from "../../train/calibration/audited-answers.ts";
import { calibrate } from "../../train/calibration/calibration.ts";
import { fitCalibration } from "../../train/calibration/fit-calibration.ts";
import { GRIDS, gridOfGiven } from "../../train/calibration/grid.ts";
import { putStatistics } from "../../train/calibration/put-statistics.ts";
import { calibrationOf, putCalibration, withoutCalibration } from "../../train/calibration/recalibrate.ts";
import { measuresRecall, remeasureRecall } from "../../train/calibration/remeasure-recall.ts";
import { singleThread } from "../../train/runtime/worker-pool.ts";
import { readEvenly } from "../arguments/held-out.ts";
import { asIndex } from "../files/foreign-files.ts";
import { loadHere } from "../files/load-here.ts";
import { replaceFile } from "../files/replace-file.ts";
import { readIndexFile } from "../files/stated-bytes.ts";
import type { Progress } from "../output/progress.ts";
import type { Io } from "../process/io.ts";
import { queriesOf, readAudits } from "./audits.ts";
import type { Calibrated } from "./report.ts";

export interface CalibrateOptions {
  readonly queries?: string;
  readonly audits?: string;
  /** The manifest that the service of the audits had, if it is another one of the same parts. */
  readonly published?: string;
  readonly output?: string;
  readonly json?: true;
}

/** One call of `midx calibrate`. */
export interface CalibrateCall {
  readonly file: string;
  readonly output: string;
  readonly options: CalibrateOptions;
  readonly progress: Progress;
  readonly io: Io;
}

export interface CalibratedFile extends Omit<Result, "bytes"> {
  /** The content id of the new file. */
  readonly contentId: string;
  /** The recall curves of the new file. */
  readonly recallCurves: readonly RecallCurve[];
}

/** Writes a calibrated copy of an index file, which replaces the output only after the library has read it back. */
export async function calibrateFile(call: CalibrateCall): Promise<CalibratedFile> {
  const { file, output, options } = call;
  const modules = await compileInlined();
  const index: SourceIndex = await asIndex(file, async () => {
    const bytes = await readIndexFile(file);
    (await loadHere(bytes)).dispose(); // checks all of it
    return { bytes, modules, header: parse(bytes, bytes.byteLength, checksumWith(instantiateQuery(modules.query))) };
  });
  const { audits = "", queries = "" } = options;
  const { bytes, ...measured } = audits ? await byAudits(index, audits, call) : await byFile(index, queries, call);
  const written = await loadHere(bytes);
  const { contentId, recallCurves } = written.info;
  written.dispose();
  await replaceFile(output, bytes);
  return { ...measured, contentId, recallCurves };
}

interface SourceIndex {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly header: IndexHeader;
  readonly modules: Modules;
}

interface Result {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly calibrated: Calibrated;
  /** The number of queries that recall curves were measured on. Absent if they are unchanged, or there are none. */
  readonly recallQueries?: number;
}

async function byFile(index: SourceIndex, path: string, call: CalibrateCall): Promise<Result> {
  const { queries } = await readEvenly(path, GRIDS.full.queryCount, index.header.facts.dim);
  return byQueries(index, queries, "queries", call);
}

/** Makes the calls of the whole grid with each query, and measures the recall of an index with fine codes again. */
async function byQueries(
  { bytes, header, modules }: SourceIndex,
  queries: Float32Array,
  source: "queries" | "audits",
  call: CalibrateCall,
): Promise<Result> {
  const { dim, metric } = header.facts;
  const { signal } = call.io;
  const basis = { source, queryCount: queries.length / dim };
  const { file } = await withoutCalibration(modules, bytes, basis);
  const pool = singleThread({ modules });
  const asked = { queries, dim, metric, isReal: true, earlier: calibrationOf(bytes, header) };
  const grid = gridOfGiven(GRIDS.full, header.facts);
  const { values, defaults } = await calibrate(pool, file, asked, grid, { report: call.progress.report, signal });
  const measured = measuresRecall(header) && queries.length > 0;
  const curved = measured ? await remeasureRecall(modules, pool, file, queries, signal) : file;
  return {
    bytes: putStatistics(modules, putCalibration(modules, curved, values), basis, defaults),
    calibrated: { ...values, ...basis },
    ...(measured && { recallQueries: basis.queryCount }),
  };
}

/** Calibrates by the errors in audits or, if all of them hold their queries, by these queries. */
async function byAudits(index: SourceIndex, path: string, call: CalibrateCall): Promise<Result> {
  const { bytes, header, modules } = index;
  const contentId = await sha256(bytes.subarray(0, header.headerBytes));
  const audits = await readAudits(path, { contentId, estimator: ESTIMATOR, remedy: "pass the file that was served" });
  const queries = queriesOf(audits, header.facts.dim, GRIDS.full.queryCount);
  if (queries) return byQueries(index, queries, "audits", call);
  const basis = { source: "audits", queryCount: audits.length } as const;
  const earlier = calibrationOf(bytes, header);
  const before = earlier ?? { ...UNMEASURED, limit: 0 };
  const { spread, spreadLimit } = before;
  const evidence = { isReal: true, queryCount: audits.length, verified: before.limit, ...(earlier && { earlier }) };
  const values = { ...fitCalibration(audited(audits, before), evidence), spread, spreadLimit };
  const { file } = await withoutCalibration(modules, bytes, basis);
  return { bytes: putCalibration(modules, file, values), calibrated: { ...values, ...basis } };
}
