import { checkCount, checkOneOf, isTypedArray, kindOf } from "../../checks/check.ts";
import { calibrationToValues, UNMEASURED } from "../../format/calibration-values.ts";
import type { MeasureOrigin } from "../../format/compaction.ts";
import { readEncoder } from "../../format/encoder.ts";
import type { IndexFacts } from "../../format/facts.ts";
import type { TensorName } from "../../format/tensor-spec.ts";
import { VERSION } from "../../version.ts";
import { calibrationFacts } from "../calibration/calibrate-build.ts";
import { recallSourceOf } from "../recall/recall-curves.ts";
import { checkQueries } from "../rows/matrix.ts";
import { bytesOf } from "../runtime/byte-chunks.ts";
import { startYielding } from "../runtime/event-loop.ts";
import type { TrainKernels } from "../runtime/kernels.ts";
import { type BaseIndex, readBase } from "./base-index.ts";
import { checkRoom } from "./check-room.ts";
import type { Compaction, CompactionReport, CompactOptions } from "./compact-options.ts";
import { codeClasses } from "./compacted-codes.ts";
import { compactColumns } from "./compacted-columns.ts";
import { compactLabels } from "./compacted-labels.ts";
import { listClasses } from "./compacted-lists.ts";
import { compactSections } from "./compacted-sections.ts";
import { measureRows } from "./measured-rows.ts";
import { type ChangesInOrder, type ResolvedChanges, resolveChanges } from "./resolved-changes.ts";
import { StoredTable } from "./stored-table.ts";
import { writeCompacted } from "./written-file.ts";

/** A compacted index with room for the measurements to come, and its rows. */
export interface Compacted extends Compaction {
  readonly table: StoredTable;
  readonly bias: Float32Array | undefined;
}

/**
 * Writes a new index of the classes that changes leave. Calibration and recall curves say nothing until they are measured,
 * unless they are carried over.
 */
export async function compactWith(
  kernels: TrainKernels,
  file: Uint8Array,
  changes: ChangesInOrder,
  options: CompactOptions,
): Promise<Compacted> {
  const { queries, signal } = options;
  checkOptions(options);
  if (!isTypedArray(file, "Uint8Array")) {
    throw new TypeError(`"file" expected the bytes of an index file, a Uint8Array, got ${kindOf(file)}`);
  }
  const base = await readBase(file, kernels);
  checkQueries(queries, base.facts.dim);
  const resolved = await resolveChanges(base, changes, (counts) => checkRoom(base, file, counts, options.maxBytes));
  const sequence = checkSequence(options.sequence, resolved.sequence);
  const yieldIfDue = startYielding(signal);
  const table = new StoredTable(base, resolved);
  const labels = compactLabels(base, resolved, options.labels === "ids");
  const columns = compactColumns(base, resolved);
  const codes = await codeClasses(kernels, base, resolved, table, yieldIfDue);
  const measured = await measureRows(kernels, base, table, codes, yieldIfDue);
  const listed = listClasses(kernels, base, codes, measured, queries);
  const effort = effortFor(base, options);
  const origins = originsOf(base, table.itemCount, effort);
  const known: IndexFacts = {
    ...shapeOf(base.facts),
    itemCount: table.itemCount,
    hasLabels: labels !== undefined,
    labelBytes: labels?.text.length ?? 0,
    bucketCount: listed.lists.codes.length,
    largestBucket: listed.lists.largestBucket,
    source: measured.source,
    builder: `midx ${VERSION}`,
    ...(listed.outlierCount > 0 && { outliers: { count: listed.outlierCount } }),
    dispersion: {},
    ...measuresOf(base, table.itemCount, effort, queries),
    ...(columns && { columns: columns.facts }),
    compaction: { sequence, ...origins },
  };
  const sections = compactSections(base, resolved, known, measured.bias);
  const facts = { ...known, ...(sections.ignored.length > 0 && { ignored: sections.ignored }) };
  const { fineRecords } = codes;
  const replaced = { ...unmeasured(facts, origins), ...sections.tensors };
  const parts = { base, facts, table, measured, listed, fineRecords, labels, columns, replaced };
  const report = {
    ...reportOf(base, resolved),
    sequence,
    coded: codes.coded,
    outlierCount: listed.outlierCount,
    ...origins,
    statistics: sections.statistics,
  };
  return { file: writeCompacted(kernels, parts), report, table, bias: measured.bias };
}

function checkOptions({ calibrate = "quick", labels, maxBytes }: CompactOptions): void {
  checkOneOf("calibrate", calibrate, ["quick", "full", "carry"]);
  if (labels !== undefined) checkOneOf("labels", labels, ["ids"]);
  if (maxBytes !== undefined) checkCount("maxBytes", maxBytes, Number.MAX_SAFE_INTEGER, "2^53 − 1");
}

function checkSequence(given: number | undefined, ofChanges: number): number {
  if (given === undefined) return ofChanges;
  checkCount("sequence", given, Number.MAX_SAFE_INTEGER, "2^53 − 1");
  if (given >= ofChanges) return given;
  throw new RangeError(`"sequence" expected at least that of the changes, ${ofChanges}, got ${given}`);
}

/** Returns the facts that a file keeps whatever changes do. */
function shapeOf({
  dim,
  bits,
  quantizer,
  rows,
  metric,
  hasBias,
  hasFineCodes,
  features,
  seed,
  residuals,
  space,
}: IndexFacts) {
  return {
    dim,
    bits,
    quantizer,
    rows,
    metric,
    hasBias,
    hasFineCodes,
    seed,
    ...(features && { features }),
    ...(residuals && { residuals }),
    ...(space && { space }),
  };
}

/**
 * Returns the effort of the measurements. An index with an encoder was calibrated with sequences that its model draws. No encoder
 * runs here, and stand-ins made of rows are worse, so without queries its measures are carried.
 */
function effortFor({ facts }: BaseIndex, { calibrate = "quick", queries }: CompactOptions): "quick" | "full" | "carry" {
  return readEncoder(facts) && facts.calibration && queries === undefined ? "carry" : calibrate;
}

/** Returns the sources of the calibration and the curves to come. */
function originsOf(
  { facts }: BaseIndex,
  itemCount: number,
  effort: "quick" | "full" | "carry",
): { readonly calibration: MeasureOrigin; readonly curves: MeasureOrigin } {
  const isMeasured = effort !== "carry" && itemCount > 0;
  const hasCurves = facts.hasFineCodes && facts.report?.recallQueries !== "none";
  return {
    calibration: isMeasured ? "measured" : facts.calibration ? "carried" : "none",
    curves: !facts.hasFineCodes ? "none" : isMeasured ? "measured" : hasCurves ? "carried" : "none",
  };
}

/**
 * Returns the facts about calibration and curves. Facts of the older index about its rows as given are not known of the new
 * one.
 */
function measuresOf(
  { facts: { calibration, report = { recallQueries: "none" }, hasFineCodes, dim } }: BaseIndex,
  itemCount: number,
  effort: "quick" | "full" | "carry",
  queries: Float32Array | undefined,
): Pick<IndexFacts, "calibration" | "report"> {
  const { rowRecall: _, ...kept } = report;
  if (effort === "carry" || itemCount === 0) return { ...(calibration && { calibration }), report: kept };
  const measured = calibrationFacts({ itemCount, dim }, { effort, ...(queries && { queries }) }, false);
  const recallQueries = hasFineCodes ? recallSourceOf(queries) : ("none" as const);
  return { ...(measured && { calibration: measured }), report: { ...kept, recallQueries } };
}

/** Returns the tensors that wait for a measurement. */
function unmeasured(
  { calibration }: IndexFacts,
  origins: { readonly calibration: MeasureOrigin; readonly curves: MeasureOrigin },
): Partial<Record<TensorName, Uint8Array>> {
  return {
    ...(calibration &&
      origins.calibration === "measured" && { "calibration.values": bytesOf(calibrationToValues(UNMEASURED)) }),
    ...(origins.curves === "measured" && { recallCurves: new Uint8Array(0) }),
  };
}

function reportOf(
  { contentId, facts }: BaseIndex,
  { oldIds, freshRows, newIds, added }: ResolvedChanges,
): Pick<CompactionReport, "base" | "itemCount" | "kept" | "replaced" | "removed" | "added" | "newIds"> {
  const ofFile = oldIds.length - added.length;
  const fresh = freshRows.reduce((count, row) => count + Number(row >= 0), 0);
  const replaced = fresh - added.length;
  return {
    base: contentId,
    itemCount: oldIds.length,
    kept: ofFile - replaced,
    replaced,
    removed: facts.itemCount - ofFile,
    added: added.length,
    newIds,
  };
}
