import type { CalibrationFacts } from "../format/calibration.ts";
import type { CalibrationValues } from "../format/calibration-values.ts";
import type { ColumnFacts } from "../format/columns.ts";
import type { CompactionFacts } from "../format/compaction.ts";
import type { PublicFacts, RowType } from "../format/facts.ts";
import type { RecallCurve } from "../format/recall-curve.ts";
import type { ReportFacts } from "../format/report.ts";

/**
 * Facts about an index file, as its header states them. Files of format 1 say neither what rows were weighted by nor what
 * recall was measured on.
 */
export interface FileInfo extends PublicFacts, Partial<ReportFacts> {
  /** The number of outliers: classes far from their bucket's codewords, which every head scores. */
  readonly outlierCount: number;
  /** The file has residuals: `topK` ranks and scores by refined rows, of 16 bits, and other calls by the stored ones. */
  readonly hasResiduals: boolean;
  /**
   * The columns that `filter` takes, and `$namespace` if classes have namespaces; absent if the index was built without
   * either.
   */
  readonly columns?: readonly ColumnFacts[];
  /** The name of the space that rows and queries are of; absent if the build was given none. */
  readonly space?: string;
  /**
   * Facts about an index that was made from an older one and changes (midx/compaction): the last change that it has, and
   * whether its calibration and recall curves were measured on it. Absent for an index that was built.
   */
  readonly compaction?: CompactionFacts;
  /** The type of the stored rows: "f32", "f16" or "i8". Scores are exact for the stored rows. */
  readonly rowType: RowType;
  /** K, the number of codewords in each of the two codebooks. */
  readonly codewordCount: number;
  /** The kind of index in the style of faiss, such as "RQ2x8,SQ8": quantizer and bits, fine codes, row type. */
  readonly factory: string;
  /**
   * The SHA-256 of the header in hexadecimal. The header holds the checksum of every tensor, so it identifies the
   * content.
   */
  readonly contentId: string;
  /** The version of the file format, such as "2.0" (FORMAT.md). */
  readonly formatVersion: string;
  /** The size of the file in bytes. */
  readonly fileBytes: number;
}

/** Facts about the error bars of an index. All but the first two are absent if they are not calibrated. */
export interface CalibrationInfo
  extends Partial<Pick<CalibrationFacts, "source" | "queryCount">>,
    Partial<CalibrationValues> {
  /** Error bars were calibrated for this index and the rule that this version of midx makes them by. */
  readonly calibrated: boolean;
  /** The name of that rule: "dispersion-5", or "allowance-1" for files without dispersions, which are not calibrated. */
  readonly estimator: string;
}

/** Facts about the changes to the classes of a file, which belong to its `contentId`. */
export interface ChangesInfo {
  /** The sequence number of the last change. 0 without changes. */
  readonly sequence: number;
  /** The number of classes that answers may contain. `itemCount` is the number of ids, those of removed classes included. */
  readonly classCount: number;
  /** The number of rows that changes hold. */
  readonly rowCount: number;
  /** The number of classes of the file that were removed. */
  readonly removedCount: number;
  /** The number of labels that the file does not have, those of removed classes included. */
  readonly addedCount: number;
  /** The most of `rowCount` and of `addedCount`, an option of load. */
  readonly maxDelta: number;
}

/** Facts about a loaded index. */
export interface IndexInfo extends FileInfo {
  /** Facts about the error bars of its answers. */
  readonly calibration: CalibrationInfo;
  /** The WebAssembly memory of this index in bytes, with the file and all scratch space. */
  readonly memoryBytes: number;
  /**
   * The recall of topK by the work it takes, less a margin (`recallQueries`), up to where exact answers should take less time.
   * Without points if it was not measured.
   */
  readonly recallCurves: readonly RecallCurve[];
  /** Facts about the changes (midx/changes) to the file. Undefined without changes. */
  readonly changes?: ChangesInfo;
}
